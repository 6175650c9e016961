"""Section 13: a sample of the period's runs that anybody can draw again."""

from liveupdate.bundle.verifier.sampling import SIZE, sample_of
from liveupdate.reports.counting import counted
from liveupdate.reports.document import Column, ColumnType, Figure, Row, Section, Table
from liveupdate.reports.source import Source, evidence_of

COLUMNS = (
    Column("place", "Place", ColumnType.NUMBER),
    Column("run", "Run", ColumnType.RUN),
    Column("request", "Request", ColumnType.REQUEST),
    Column("lpar", "LPAR", ColumnType.LPAR),
    Column("state", "Outcome", ColumnType.STATE),
    Column("bundle", "Its evidence"),
)
ALGORITHM = (
    "import csv, hashlib",
    "seed, size = SEED, SIZE",
    "runs = [int(row['run']) for row in csv.DictReader(open('register.csv', encoding='utf-8-sig'))]",
    "by_hash = sorted(runs, key=lambda run: hashlib.sha256(f'{seed}:{run}'.encode()).hexdigest())",
    "print(by_hash[:size])",
)


def section(source: Source) -> Section:
    """The runs with the smallest hashes of seed and number; the seed is the ledger's root."""
    courses = {run.run: course for course, run in source.runs()}
    seed = source.standing.root
    rows = []
    for place, run in enumerate(sample_of(courses, seed), 1):
        course = courses[run]
        assert course.run is not None
        cells = (place, run, course.number, course.lpar, course.run.state, f"manage.py evidence --run {run}")
        rows.append(Row(cells, evidence_of(course)))
    return Section(
        13,
        "sample",
        "Sample",
        "Drawn from the change register by a rule that leaves nobody a choice. Nobody knew the seed before: "
        "it is the root of the ledger at the checkpoint of this report.",
        figures=(
            Figure("sample.seed", "Seed", seed, ColumnType.TEXT),
            counted(source, "sample.population", "Runs to draw from"),
            counted(source, "sample.size", "Runs drawn", f"at most {SIZE}"),
        ),
        tables=(Table("sample", "Runs drawn", COLUMNS, tuple(rows), "runs made in the period"),),
        notes=(
            "The evidence of each: manage.py evidence --sample SEED:SIZE --from DATE --to DATE --out FOLDER",
            "To draw it again, with the register as CSV:",
            *ALGORITHM,
        ),
    )
