"""What numba is told of kernels: pieces, the fused product and sum, and an entry that takes words.

Imported when something is compiled, and only then.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import types
from numba.core.typing.templates import signature
from numba.extending import lower_builtin, type_callable, typeof_impl

from runoff.kernels._jit import Piece
from runoff.kernels.fused import fma


@typeof_impl.register(Piece)
def _type_of_piece(piece: Piece, _context: Any) -> Any:
    return types.Dispatcher(piece.dispatcher)


@type_callable(fma)
def _type_of_fma(_context: Any) -> Any:
    def typer(a: Any, b: Any, c: Any) -> Any:
        of = types.float32 if a == b == c == types.float32 else types.float64
        return signature(of, of, of, of)  # type: ignore[no-untyped-call]  # numba

    return typer


@lower_builtin(fma, types.float32, types.float32, types.float32)  # type: ignore[untyped-decorator, no-untyped-call]  # numba
@lower_builtin(fma, types.float64, types.float64, types.float64)  # type: ignore[untyped-decorator, no-untyped-call]  # numba
def _code_of_fma(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
    return builder.fma(*arguments)


_WORD = ir.IntType(64)


def word_entry(
    context: Any, library: Any, fndesc: Any, _env: Any, _call_helper: Any, release_gil: bool = False
) -> None:
    """In the place of numba's wrapper for Python: i32 entry(words, result), as `_machine` takes arguments apart.

    A number that the kernel returns goes to `result`, eight bytes; where it returns nothing, that is not looked at.
    """
    module = context.create_module("words")
    kernel = ir.Function(
        module, context.call_conv.get_function_type(fndesc.restype, fndesc.argtypes), fndesc.llvm_func_name
    )
    pointer = _WORD.as_pointer()
    entry = ir.Function(module, ir.FunctionType(ir.IntType(32), [pointer] * 2), fndesc.llvm_cpython_wrapper_name)
    builder = ir.IRBuilder(entry.append_basic_block("entry"))
    packer = context.get_arg_packer(fndesc.argtypes)
    words = [
        _from_word(builder, builder.load(builder.gep(entry.args[0], [ir.Constant(_WORD, place)]), typ=_WORD), kind)
        for place, kind in enumerate(packer.argument_types)
    ]
    values = packer.from_arguments(builder, words)
    status, returned = context.call_conv.call_function(
        builder, kernel, fndesc.restype, fndesc.argtypes, values, attrs=("noinline",)
    )
    if kind_of(fndesc.restype):
        builder.store(_as_word(builder, returned), entry.args[1])
    builder.ret(status.code)
    library.add_ir_module(module)


def kind_of(restype: Any) -> str:
    """What a kernel returns, as `_machine.Code` knows it: '' nothing, 'i' a whole number, 'f' a float64.

    Raises
    ------
    TypeError : anything else.
    """
    if restype == types.none or isinstance(restype, types.Omitted):
        return ""
    if isinstance(restype, (types.Integer, types.Boolean)):
        return "i"
    if restype == types.float64:
        return "f"
    raise TypeError(f"a kernel returns nothing, a whole number or a float64, not {restype}")


def _from_word(builder: Any, word: Any, kind: Any) -> Any:
    """A word as an argument of this type; others than numbers and addresses no kernel has."""
    if isinstance(kind, ir.PointerType):
        return builder.inttoptr(word, kind)
    if isinstance(kind, ir.IntType) and kind.width <= _WORD.width:
        return word if kind.width == _WORD.width else builder.trunc(word, kind)
    if isinstance(kind, ir.DoubleType):
        return builder.bitcast(word, kind)
    raise TypeError(f"a kernel's argument of type {kind}")


def _as_word(builder: Any, value: Any) -> Any:
    """A returned number as eight bytes; whole numbers keep their sign, a truth is 0 or 1."""
    if isinstance(value.type, ir.DoubleType):
        return builder.bitcast(value, _WORD)
    if value.type.width == _WORD.width:
        return value
    return builder.zext(value, _WORD) if value.type.width == 1 else builder.sext(value, _WORD)
