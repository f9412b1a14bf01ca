"""The example notebook, executed cell by cell without Jupyter: `python -m tests.notebook` writes its outputs anew."""

from __future__ import annotations

import ast
import json
from contextlib import chdir
from pathlib import Path
from typing import Any

PATH = Path(__file__).parents[1] / "examples" / "ga06.ipynb"


def notebook() -> dict[str, Any]:
    """The notebook as it stands."""
    found: dict[str, Any] = json.loads(PATH.read_text("utf-8"))
    return found


def executed(found: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """What each code cell shows, in one namespace, from the notebook's folder: its last expression, if it has one."""
    names: dict[str, Any] = {}
    outputs = []
    with chdir(PATH.parent):
        for count, cell in enumerate(codes(found), 1):
            tree = ast.parse("".join(cell["source"]))
            last = tree.body[-1]
            if isinstance(last, ast.Expr):
                tree.body.pop()
            exec(compile(tree, cell["id"], "exec"), names)
            value = compile(ast.Expression(last.value), cell["id"], "eval") if isinstance(last, ast.Expr) else None
            shown = None if value is None else eval(value, names)
            outputs.append([] if shown is None else [_output(shown, count)])
    return outputs


def codes(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The cells of code."""
    return [cell for cell in found["cells"] if cell["cell_type"] == "code"]


def _output(shown: object, count: int) -> dict[str, Any]:
    """A value as notebooks keep it: its repr, and its HTML where it has any."""
    data = {"text/plain": repr(shown).splitlines(keepends=True)}
    if hasattr(shown, "_repr_html_"):
        data["text/html"] = shown._repr_html_().splitlines(keepends=True)
    return {"data": data, "execution_count": count, "metadata": {}, "output_type": "execute_result"}


def rewrite() -> None:
    """Write what the cells show now into the notebook."""
    found = notebook()
    for count, (cell, outputs) in enumerate(zip(codes(found), executed(found), strict=True), 1):
        cell.update(execution_count=count, outputs=outputs)
    PATH.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    rewrite()
