"""The PDF from the same HTML: WeasyPrint, PDF/UA-1, in a process of its own with a time limit.

Run as `python -m highneeds.report.pdf report.html report.pdf`.
"""

import subprocess
import sys
from pathlib import Path

SECONDS = 180
NO_PANGO = 7
PANGO = (
    "The PDF needs Pango, which is not on this machine. Debian or Ubuntu: apt install libpango-1.0-0 libpangoft2-1.0-0 "
    "libharfbuzz-subset0. conda: conda install -c conda-forge pango. Then run the report again; the HTML is complete."
)


def write_pdf(page: Path, target: Path, *, seconds: int = SECONDS) -> str:
    """Write the PDF; the answer is empty when it is there, else one plain line saying why it is not."""
    command = [sys.executable, "-m", "highneeds.report.pdf", str(page), str(target)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        target.unlink(missing_ok=True)
        return (
            f"{target.name}: not finished in {seconds} seconds and stopped. The HTML is complete; run the report again."
        )
    if done.returncode == 0 and target.is_file():
        return ""
    target.unlink(missing_ok=True)
    if done.returncode == NO_PANGO:
        return f"{target.name}: not written. {PANGO}"
    last = (done.stderr.strip().splitlines() or ["no message"])[-1]
    return f"{target.name}: not written ({last[:200]}). The HTML is complete; report this fault with that line."


def _font_css() -> str:
    from highneeds.charts import font_files

    faces = {"Regular": "400", "Semibold": "600", "Bold": "700"}
    return "\n".join(
        f'@font-face {{ font-family: "Source Sans Pro"; font-weight: {faces[kind]}; src: url("{path.as_uri()}"); }}'
        for path in font_files()
        if (kind := path.stem.removeprefix("SourceSansPro-")) in faces
    )


def main(page: str, target: str) -> int:
    """Render in this process; exit status NO_PANGO where the library cannot be loaded."""
    try:
        import weasyprint
        from weasyprint.text.fonts import FontConfiguration
        from weasyprint.urls import URLFetcher
    except OSError:
        return NO_PANGO
    fonts = FontConfiguration()
    style = weasyprint.CSS(string=_font_css(), font_config=fonts)
    # Pictures inside the page and our fonts; nothing from a network.
    document = weasyprint.HTML(filename=page, url_fetcher=URLFetcher(allowed_protocols=("data", "file")))
    document.write_pdf(target, stylesheets=[style], font_config=fonts, pdf_variant="pdf/ua-1", custom_metadata=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
