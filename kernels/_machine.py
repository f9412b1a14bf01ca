"""Machine code called without the compiler: arguments as words, object code loaded by LLVM.

What numba makes of a function takes an array apart into eight-byte words (no owner, no parent, elements, bytes of one,
address, shape, strides) and a named tuple into those of its fields.  `_target` puts an entry before a kernel
that takes one table of such words, and a place for the number that comes back; here are the words, and what calls that
entry.
"""

from __future__ import annotations

import array
import ctypes
import struct
import threading
from functools import lru_cache
from typing import Any

import numpy as np

Words = array.array  # of unsigned eight-byte numbers
_ALL = 0xFFFFFFFFFFFFFFFF
_C, _F, _ALIGNED, _WRITEABLE = 0x1, 0x2, 0x100, 0x400  # of an array's flags, as numpy numbers them
_NOTHING: dict[int, Any] = {}
_memo = threading.local()  # each thread's last named tuples and their words: they come again block after block


def told(arguments: tuple[Any, ...]) -> tuple[tuple[Any, ...], Words[int]]:
    """The types of a kernel's arguments, by which its machine code is known, and their words.

    Raises
    ------
    TypeError : an argument that is no array, number or named tuple of these.
    """
    before: dict[int, Any] = getattr(_memo, "known", _NOTHING)
    known: dict[int, Any] = {}
    types: list[Any] = []
    words: list[int] = []
    for place, argument in enumerate(arguments):
        if not isinstance(argument, tuple):
            types.append(_taken_apart(argument, words))
            continue
        entry = before.get(place)
        if entry is None or entry[0] is not argument:
            of: list[int] = []
            entry = (argument, _taken_apart(argument, of), of)
        known[place] = entry
        types.append(entry[1])
        words += entry[2]
    if known:
        _memo.known = known
    return tuple(types), array.array("Q", words)


def _taken_apart(value: Any, words: list[int]) -> Any:
    """The type of an argument; its words are added to `words`."""
    if isinstance(value, np.ndarray):
        words += (0, 0, value.size, value.itemsize, value.ctypes.data, *value.shape)
        for stride in value.strides:
            words.append(stride & _ALL)
        # as numba knows an array: an order of its own only where it is not C's, whatever the shape
        flags = value.flags.num
        return value.dtype.str, value.ndim, flags & ((_C if flags & _C else _F) | _ALIGNED | _WRITEABLE)
    if isinstance(value, tuple):
        return type(value).__name__, tuple(_taken_apart(one, words) for one in value)
    if isinstance(value, np.integer):
        words.append(int(value) & _ALL)
        return value.dtype.str
    if type(value) is int:
        words.append(value & _ALL)
        return "int"
    if isinstance(value, float):  # float64 is one
        words.append(struct.unpack("<Q", struct.pack("<d", value))[0])
        return "float"
    raise TypeError(f"a kernel takes arrays, whole numbers and float64, not {type(value).__name__}")


class Code:
    """Machine code of a kernel; `owner` keeps it in memory.  kind : what it returns: '' nothing, 'i' int, 'f' float."""

    def __init__(self, address: int, kind: str, owner: object) -> None:
        self._call = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p)(address)
        self._result: Any = {"": None, "i": ctypes.c_int64, "f": ctypes.c_double}[kind]
        self._owner = owner

    def __call__(self, words: Words[int]) -> Any:
        result = None if self._result is None else self._result()
        if self._call(words.buffer_info()[0], None if result is None else ctypes.addressof(result)):
            raise RuntimeError("a kernel met an error that none of them has")  # they raise nothing
        return None if result is None else result.value


@lru_cache(maxsize=1)
def _llvm() -> Any:
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm


@lru_cache(maxsize=1)
def host() -> tuple[str, str, str]:
    """The system's triple, the CPU's name and its features, as LLVM tells them."""
    llvm = _llvm()
    return llvm.get_process_triple(), llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()


def packed(symbol: str, kind: str, object_code: bytes) -> bytes:
    """The object code with the name of its entry and what it returns, as one string of bytes."""
    return symbol.encode() + b"\0" + kind.encode() + b"\0" + object_code


def loaded(kept: bytes) -> Code:
    """What `packed` gave, in memory."""
    symbol, kind, object_code = kept.split(b"\0", 2)
    llvm = _llvm()
    machine = llvm.Target.from_default_triple().create_target_machine(jit=True)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    engine.add_object_file(llvm.ObjectFileRef.from_data(object_code))
    engine.finalize_object()
    return Code(engine.get_function_address(symbol.decode()), kind.decode(), engine)
