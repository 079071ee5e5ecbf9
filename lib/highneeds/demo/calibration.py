"""Published figures that the invented authority follows: volumes, refusals, speed and order of work, mixes.

Sources: Kent County Council, report to Scrutiny Committee of 18 March 2025, paragraphs 3.8 and 3.9 (requests by
month and area, share on time by month); DfE, Education, health and care plans, releases of 2022 and 2025 (years).
All volumes are for an authority with 4,000 requests a year and are scaled from there.
"""

from datetime import date

FIRST_DAY = date(2019, 1, 1)  # first simulated request; plans from before it are `stock`
SIZE = 4000  # requests a year at which the volumes below hold

# Requests by month, March 2024 to February 2025 as printed; January and February 2024 from the year's total of 3,991.
MONTHS = {
    "2024-01": 430, "2024-02": 404, "2024-03": 419, "2024-04": 281, "2024-05": 302, "2024-06": 304, "2024-07": 346,
    "2024-08": 115, "2024-09": 248, "2024-10": 376, "2024-11": 420, "2024-12": 346, "2025-01": 376, "2025-02": 341,
}  # fmt: skip
SEASON = (403, 372, 419, 281, 302, 304, 346, 115, 248, 376, 420, 346)  # January to December
YEARS = {2019: 2992, 2020: 3255, 2021: 4047, 2022: 3669, 2023: 3988, 2024: 3991}
LATER_YEARS = 3900

OUTSIDE = "Outside the authority"
AREAS = ("North", "East", "South", "West")
AREA_SHARES = (858, 1266, 893, 819)
OUTSIDE_SHARE = 38 / 3874
DISTRICTS_PER_AREA = 3

# Share of requests refused, at the middle of a month; between two months it moves in a straight line.
REFUSED = {"2019-01": 0.28, "2022-06": 0.28, "2023-01": 0.28, "2023-12": 0.36, "2024-02": 0.53, "2024-12": 0.575}
REQUEST_WITHDRAWN, REQUEST_EXPORTED = 0.004, 0.002
REVERSED = 0.035  # of refusals: mediation, tribunal or a concession leads to an assessment after all
DECIDED_IN_TIME = {2019: 0.75, 2020: 0.75, 2021: 0.75, 2022: 0.72, 2023: 0.69, 2024: 0.908, 2025: 0.94}

NOT_ISSUED = {2019: 0.11, 2020: 0.12, 2021: 0.09, 2022: 0.11, 2023: 0.08, 2024: 0.14, 2025: 0.14}  # by year received
ASSESSMENT_WITHDRAWN, ASSESSMENT_EXPORTED = 0.008, 0.004
# Decisions a week by the team for cases still in time, and by the team for overdue cases, from a month on.
TEAMS = {
    "2019-01": (14, 22),
    "2020-01": (14, 31),
    "2021-01": (21.5, 29),
    "2022-01": (19.5, 28.5),
    "2022-12": (12, 30),
    "2023-02": (7.0, 34),
    "2024-01": (10.2, 58),
    "2024-07": (17, 47),
    "2024-08": (22, 19),
    "2024-09": (27, 14),
    "2024-10": (31, 9.5),
    "2024-11": (35, 7),
    "2024-12": (40, 4.8),
    "2025-01": (60, 2.3),
}
HARD_CASES = 0.06  # share of assessments whose advice comes very late
STUCK_CASES, STUCK_DAYS = 0.32, 235  # share of overdue cases that others overtake, and by how long on average
# Share of late decisions to which an exception applies, by year of decision.
EXCEPTIONS = {2019: 0.05, 2020: 0.03, 2021: 0.02, 2022: 0.014, 2023: 0.006, 2024: 0.045, 2025: 0.12}
ASSESSMENT_FLAGS = {
    "assessment_mediation": 0.012,
    "assessment_tribunal": 0.012,
    "other_mediation": 0.018,
    "other_tribunal": 0.028,
}

STOCK = 3.75  # plans in force on the first day, for each request of a year
TRANSFERS_IN = 0.055  # plans moved in from other authorities in a year, for each request of a year
SECOND_REQUESTS = 0.08  # share of refused children for whom somebody asks again

AGES = dict(zip(range(2, 20), (3, 8, 10, 8, 8, 8, 8, 8, 8, 7, 6, 5, 4, 4, 2, 1, 1, 1), strict=True))
STOCK_AGES = dict(zip(range(3, 22), (1, 2, 3, 4, 5, 6, 6, 7, 7, 8, 8, 8, 8, 7, 6, 5, 4, 2, 1), strict=True))
LEAVING_AGES = {16: 6, 17: 8, 18: 16, 19: 34, 20: 16, 21: 8, 22: 5, 23: 4, 24: 2, 25: 1}
EARLY_CEASES = 0.025  # plans a year that cease before the young person is old enough to leave
EARLY_REASONS = {"5": 60, "2": 18, "7": 8, "8": 5, "6": 5, "9": 4}
LEAVING_REASONS = {"6": 50, "4": 22, "3": 12, "2": 8, "9": 5, "7": 3}

NEEDS = {
    "ASD": 460, "SEMH": 186, "SLCN": 174, "MLD": 51, "SLD": 39, "PD": 31, "SPLD": 19, "PMLD": 18, "HI": 9, "VI": 5,
    "MSI": 2, "OTH": 3, "DS": 3,
}  # fmt: skip
SECOND_NEED = 0.35
SOURCES = {"1": 55, "2": 40, "3": 3, "4": 1, "5": 1}
ETHNICITIES = {"WBRI": 78, "WOTH": 5, "MOTH": 3, "AIND": 2, "BAFR": 3, "APKN": 2, "OOTH": 2, "REFU": 1, "NOBT": 4}
MALE = 0.70
