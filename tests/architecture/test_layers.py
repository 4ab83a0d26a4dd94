import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOT_THE_APPLICATION = {"tests", "sandbox", "benchmarks"}
ROOMS = sorted(
    path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name not in NOT_THE_APPLICATION
)
TOP = sorted(ROOT.glob("*.py"))
SOURCES = [*TOP, *sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))]
SANDBOX = sorted((ROOT / "sandbox").rglob("*.py"))

BOUNDARIES = {"ingress/boundary.py", "handlers/_engine/turn.py"}
"""Where everything is caught: an update never takes the others down, an op ends with an apology."""

DECLARING = {
    "frozenset",
    "logging.getLogger",
    "re.compile",
    "regex.compile",
    "sorted",
    "str.maketrans",
    "dict.fromkeys",
    "structlog.get_logger",
    "date",
    "timedelta",
    "tuple",
}
"""Functions whose value never changes; classes and what a module defines itself declare as well."""

LIVE = re.compile(
    r"(Redis|Bot|Dispatcher|Router|Client|AsyncClient|ClientSession|Session|Lock|Event|Queue|Semaphore|Settings"
    r"|Metrics|App|Application|Polling|Webhook|Server|Scheduler|Broker|ThreadPoolExecutor|CollectorRegistry|Counter|Gauge"
    r"|Histogram)$"
)
"""Classes of things that live: they are built by main.py, never by an import."""


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def calls(node: ast.AST) -> Iterator[ast.Call]:
    """Calls that happen when the statement runs: not those inside a lambda or a function."""
    if isinstance(node, ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef):
        return
    if isinstance(node, ast.Call):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from calls(child)


def import_time_work(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and text of what a module does beyond declaring when it is imported."""
    own = {node.name for node in module.body if isinstance(node, ast.FunctionDef)}
    for node in module.body:
        match node:
            case (
                ast.Import() | ast.ImportFrom() | ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef()
            ):
                continue
            case ast.Expr(value=ast.Constant()):
                continue
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                continue
            case ast.If(test=ast.Compare(left=ast.Name(id="__name__"))):
                continue
            case ast.Assign() | ast.AnnAssign():
                for call in calls(node):
                    if not declares(ast.unparse(call.func), own):
                        yield call.lineno, ast.unparse(call)
            case _:
                yield node.lineno, ast.unparse(node)


def declares(function: str, own: set[str]) -> bool:
    last = function.rpartition(".")[2]
    if function in DECLARING or last in ("join", "replace"):
        return True
    return function in own or (last[:1].isupper() and LIVE.search(last) is None)


def blanket_excepts(module: ast.Module) -> Iterator[int]:
    """Lines that catch everything and do not raise it again."""
    for node in ast.walk(module):
        if not isinstance(node, ast.ExceptHandler):
            continue
        caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        everything = any(one is None or ast.unparse(one) in ("Exception", "BaseException") for one in caught)
        if everything and not (isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None):
            yield node.lineno


def tracked_texts() -> Iterator[tuple[str, str]]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout: its files cannot be listed")
    for file in filter(None, listed.stdout.split("\0")):
        path = ROOT / file
        if path.is_file() and path.suffix not in {".png", ".jpg", ".gif", ".webp", ".woff2", ".ico"}:
            yield file, path.read_text(encoding="utf-8", errors="replace")


def test_rooms_import_only_downwards():
    linter = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_room_is_held_to_its_layer():
    contract = (ROOT / ".importlinter").read_text()
    roots, layers = contract.split("[importlinter:contract:settings]")[0].split("layers =\n")
    assert not [room for room in ROOMS if not re.search(rf"^    {room}$", roots, re.MULTILINE)]
    assert not [room for room in ROOMS if not re.search(rf"\b{room}\b", layers)]


def test_every_room_enters_the_image_and_nothing_else():
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert allowed - {"webapp"} == {
        *ROOMS,
        *map(name, TOP),
        "requirements.txt",
        "requirements-telemetry.txt",
    } - {"webapp"}


def test_importing_does_nothing():
    found = [
        f"{name(path)}:{line}: {text[:80]}" for path in SOURCES for line, text in import_time_work(tree(path))
    ]
    assert not found, "\n".join(found)


def test_everything_is_caught_at_the_named_boundaries_only():
    found = [(name(path), line) for path in SOURCES for line in blanket_excepts(tree(path))]
    assert len(found) <= len(BOUNDARIES), found
    assert {file for file, _ in found} <= BOUNDARIES, found


def test_no_print_in_the_application():
    found = [
        f"{name(path)}:{node.lineno}"
        for path in SOURCES
        for node in ast.walk(tree(path))
        if name(path) != "main.py" and isinstance(node, ast.Call) and ast.unparse(node.func) == "print"
    ]
    assert not found


def test_nothing_is_left_to_do():
    marks = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|NotImplemented" + r"Error)\b")
    found = [
        f"{name(path)}:{number}"
        for path in [*SOURCES, *SANDBOX]
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if marks.search(line)
    ]
    assert not found


def test_no_file_names_a_package_registry():
    hosts = re.compile(
        "|".join(("p" + r"ypi\.org", "python" + "hosted", "npm" + r"js\.(org|com)", "deb" + r"ian\.org"))
    )
    assert not [file for file, text in tracked_texts() if hosts.search(text)]


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("import re\nX = re.compile('a')\nY = Text('x', lambda: call())\n", []),
        ("x = connect()\n", [1]),
        ("redis = Redis()\n", [1]),
        ("configure()\n", [1]),
        ("for x in y:\n    pass\n", [1]),
        ("def make():\n    return connect()\nX = make()\n", []),
        ("if TYPE_CHECKING:\n    import x\nif __name__ == '__main__':\n    main()\n", []),
        ("X = {1: [httpx.AsyncClient()]}\n", [1]),
    ],
)
def test_the_search_for_import_time_work_finds_it(source: str, lines: list[int]):
    assert [line for line, _ in import_time_work(ast.parse(source))] == lines


@pytest.mark.parametrize(
    ("caught", "found"),
    [
        ("except Exception:\n    pass", True),
        ("except:\n    pass", True),
        ("except (ValueError, BaseException):\n    pass", True),
        ("except BaseException:\n    undo()\n    raise", False),
        ("except ValueError:\n    pass", False),
    ],
)
def test_the_search_for_blanket_excepts_finds_them(caught: str, found: bool):
    assert bool(list(blanket_excepts(ast.parse(f"try:\n    x\n{caught}\n")))) is found
