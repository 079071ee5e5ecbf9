// A number by its name: a field to type it into and a range to move, which always say the same. Both carry the name, for
// the handle of ipywidgets' own sliders has none. The figure follows when a key or the mouse is let go.
function render({ model, el }) {
  const name = model.get("description"), hint = model.get("tooltip");
  const label = document.createElement("label");
  label.className = "widget-label";
  label.textContent = name;
  const inputs = ["number", "range"].map((type) => {
    const input = document.createElement("input");
    Object.assign(input, { type, title: hint });
    input.dataset.lmSuppressShortcuts = "true"; // arrow keys are the field's and the range's, not the notebook's
    for (const end of ["min", "max", "step"]) input[end] = model.get(end);
    return input;
  });
  const [field, range] = inputs;
  field.id = `slider-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;
  label.htmlFor = field.id;
  range.setAttribute("aria-label", `${name}, slider`);
  const show = (value) => inputs.forEach((input) => { if (Number(input.value) !== value) input.value = value; });
  const keep = (input) => {
    const value = Math.min(Math.max(Number(input.value), model.get("min")), model.get("max"));
    const good = input.value !== "" && Number.isFinite(value);
    show(good ? value : model.get("value"));
    if (good) { model.set("value", value); model.save_changes(); }
  };
  for (const input of inputs) input.addEventListener("change", () => keep(input));
  range.addEventListener("input", () => { field.value = range.value; });
  const follow = () => show(model.get("value"));
  follow();
  model.on("change:value", follow);
  el.classList.add("jupyter-widgets", "widget-inline-hbox", "widget-text", "highneeds-slider");
  el.append(label, field, range);
  return () => model.off("change:value", follow);
}
export default { render };
