"""EVM code as Python functions: a stretch of opcodes becomes one function without a stack.

A machine that dispatches every opcode spends its time on dispatching. Here a stretch from a
jump destination onwards is written as Python source: stack positions become local variables,
constant gas is charged in one go, and what touches the state (storage, logs, calls) is still
done by py-evm's own opcode. `translated_machine` says where it is used and how to go back.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from eth.exceptions import InvalidInstruction, InvalidJumpDestination, OutOfGas
from eth.vm import opcode_values as op
from eth.vm.forks.prague.opcodes import PRAGUE_OPCODES
from eth.vm.logic.invalid import InvalidOpcode

from ledger.chain.stack_facts import ENDS, POPS_PUSHES
from ledger.domain.keccak import keccak256

Block = Callable[..., int]  # (computation, stack, gas meter, memory, message, data) -> next place
FALL_BACK = -1  # the stack is too low or too high: py-evm shall find out where
LONGEST = 400  # opcodes in one function
STACK_LIMIT = 1024
WORD = (1 << 256) - 1

# Operands: {a} is the top of the stack, {b} the one below.
PURE = {
    op.ADD: "({a} + {b}) & WORD",
    op.MUL: "({a} * {b}) & WORD",
    op.SUB: "({a} - {b}) & WORD",
    op.DIV: "{a} // {b} if {b} else 0",
    op.MOD: "{a} % {b} if {b} else 0",
    op.AND: "{a} & {b}",
    op.OR: "{a} | {b}",
    op.XOR: "{a} ^ {b}",
    op.NOT: "{a} ^ WORD",
    op.BYTE: "({b} >> (248 - 8 * {a})) & 255 if {a} < 32 else 0",
    op.SHL: "({b} << {a}) & WORD if {a} < 256 else 0",
    op.SHR: "{b} >> {a} if {a} < 256 else 0",
    op.CALLDATALOAD: "from_bytes(data[{a} : {a} + 32].ljust(32, ZERO), 'big')",
    op.CALLDATASIZE: "len(data)",
    op.CALLVALUE: "message.value",
    op.CALLER: "from_bytes(message.sender, 'big')",
    op.ADDRESS: "from_bytes(message.storage_address, 'big')",
}
CONDITIONS = {
    op.LT: "{a} < {b}",
    op.GT: "{a} > {b}",
    op.EQ: "{a} == {b}",
    op.ISZERO: "not {a}",
}


class Code:
    """One contract's code, translated place by place as execution first comes there."""

    def __init__(self, code: bytes) -> None:
        self.bytes = code
        self.destinations = _destinations(code)
        self.blocks: dict[int, Block] = {}

    def block(self, place: int) -> Block:
        """The function that runs from this place on."""
        found = self.blocks.get(place)
        if found is None:
            found = self.blocks[place] = _Writer(self, place).function()
        return found


@lru_cache(maxsize=64)
def translated(code: bytes) -> Code:
    """A contract's translation, made once."""
    return Code(code)


def _destinations(code: bytes) -> frozenset[int]:
    """Where a JUMPDEST is an opcode and not the data of a push."""
    found, place = set(), 0
    while place < len(code):
        if code[place] == op.JUMPDEST:
            found.add(place)
        place += 1 + _push_size(code[place])
    return frozenset(found)


def _push_size(opcode: int) -> int:
    return opcode - op.PUSH0 if op.PUSH0 <= opcode <= op.PUSH32 else 0


def _refuse_jump(code: bytes, place: int) -> None:
    if place < len(code) and code[place] == op.JUMPDEST:
        raise InvalidInstruction("Jump resulted in invalid instruction")
    raise InvalidJumpDestination("Invalid Jump Destination")


def _integer(value: int | bytes) -> int:
    return value if isinstance(value, int) else int.from_bytes(value, "big")


class _Writer:
    """Writes the function for one place: symbols on the stack, lines of source."""

    def __init__(self, code: Code, place: int) -> None:
        self.code = code
        self.start = self.place = place
        self.symbols: list[str] = []  # what differs from the stack at the start
        self.taken = 0  # how many of the stack's own items were looked at
        self.growth = 0
        self.checked: int | None = None  # how deep the function may look, once it has an exit
        self.lines: list[str] = []
        self.conditions: dict[str, str] = {}
        self.names = 0
        self.gas = 0
        self.gas_line = 0
        self.globals: dict[str, Any] = {
            "WORD": WORD,
            "ZERO": b"\0",
            "from_bytes": int.from_bytes,
            "keccak256": keccak256,
            "integer": _integer,
            "OutOfGas": OutOfGas,
            "DESTINATIONS": code.destinations,
            "refuse_jump": lambda place: _refuse_jump(code.bytes, place),
        }

    def function(self) -> Block:
        self._open_segment()
        for _ in range(LONGEST):
            if not self._next():
                break
        else:
            self._leave(str(self.place))
        self._close_segment()
        source = "\n    ".join(
            [
                "def block(computation, stack, meter, memory, message, data):",
                f"if not {self.taken} <= len(stack) <= {STACK_LIMIT - self.growth}:",
                f"    return {FALL_BACK}",
                "cells = memory._bytes",
                *(f"i{n} = stack[-{n}]" for n in range(1, self.taken + 1) if self._used(f"i{n}")),
                *self.lines,
            ]
        )
        exec(compile(source, f"<evm {self.start}>", "exec"), self.globals)  # noqa: S102
        block: Block = self.globals["block"]
        return block

    def _used(self, name: str) -> bool:
        return any(name in line for line in self.lines)

    def _next(self) -> bool:
        """Write one opcode; whether the function goes on."""
        code = self.code.bytes
        opcode = code[self.place] if self.place < len(code) else op.STOP
        size = _push_size(opcode)
        if self._too_deep(opcode):
            self._leave(str(self.place))
            return False
        argument = code[self.place + 1 : self.place + 1 + size].ljust(size, b"\0")
        self.place += 1 + size
        if opcode in self._handlers:
            return self._handlers[opcode](self, opcode)
        if op.PUSH0 <= opcode <= op.PUSH32:
            self._charge(opcode)
            self._push(str(int.from_bytes(argument, "big")))
        elif op.DUP1 <= opcode <= op.DUP16:
            self._charge(opcode)
            self._dup(opcode - op.DUP1)
        elif op.SWAP1 <= opcode <= op.SWAP16:
            self._charge(opcode)
            self._swap(opcode - op.SWAP1 + 1)
        else:
            return self._stock(opcode)
        return True

    def _too_deep(self, opcode: int) -> bool:
        """Beyond a conditional exit the stack is not looked at deeper than before it.

        Whether it is deep enough is asked once, at the start, and must not depend on which
        way the code goes.
        """
        if self.checked is None:
            return False
        if op.DUP1 <= opcode <= op.DUP16:
            need = opcode - op.DUP1 + 1
        elif op.SWAP1 <= opcode <= op.SWAP16:
            need = opcode - op.SWAP1 + 2
        else:
            need = POPS_PUSHES.get(opcode, (0, 0))[0]
        return self.taken + max(0, need - len(self.symbols)) > self.checked

    def _need(self, count: int) -> None:
        while len(self.symbols) < count:
            self.taken += 1
            self.symbols.insert(0, f"i{self.taken}")

    def _push(self, symbol: str) -> None:
        self.symbols.append(symbol)
        self.growth = max(self.growth, len(self.symbols) - self.taken)

    def _pop(self) -> str:
        self._need(1)
        return self.symbols.pop()

    def _dup(self, depth: int) -> None:
        self._need(depth + 1)
        self._push(self.symbols[-depth - 1])

    def _swap(self, depth: int) -> None:
        self._need(depth + 1)
        top = self.symbols[-1]
        self.symbols[-1], self.symbols[-depth - 1] = self.symbols[-depth - 1], top

    def _name(self) -> str:
        self.names += 1
        return f"v{self.names}"

    def _flush(self) -> list[str]:
        """Lines that make the stack what the symbols say; what stayed in place is left alone."""
        same = 0
        while same < min(self.taken, len(self.symbols)):
            if self.symbols[same] != f"i{self.taken - same}":
                break
            same += 1
        gone, new = self.taken - same, self.symbols[same:]
        items = "".join(f"{symbol}, " for symbol in new)
        if gone:
            return [f"stack[-{gone}:] = ({items})"]
        return [f"stack += ({items})"] if new else []

    def _leave(self, place: str) -> None:
        self.lines += [*self._flush(), f"return {place}"]

    def _charge(self, opcode: int) -> None:
        stock: Any = PRAGUE_OPCODES[opcode]
        self.gas += stock.gas_cost

    def _open_segment(self) -> None:
        self.gas_line, self.gas = len(self.lines), 0

    def _close_segment(self) -> None:
        if self.gas:
            self.lines[self.gas_line : self.gas_line] = _charging(str(self.gas))

    def _pure(self, opcode: int) -> bool:
        self._charge(opcode)
        operands = [self._pop() for _ in range(POPS_PUSHES[opcode][0])]
        name = self._name()
        text = PURE[opcode].format(**dict(zip("ab", operands, strict=False)))
        if opcode in (op.SHL, op.SHR) and operands[0].isdigit() and int(operands[0]) < 256:
            text = text.removesuffix(f" if {operands[0]} < 256 else 0")
        self.lines.append(f"{name} = {text}")
        self._push(name)
        return True

    def _condition(self, opcode: int) -> bool:
        self._charge(opcode)
        operands = [self._pop() for _ in range(POPS_PUSHES[opcode][0])]
        if opcode == op.ISZERO:
            operands = [f"({self.conditions.get(operands[0], operands[0])})"]
        text = CONDITIONS[opcode].format(**dict(zip("ab", operands, strict=False)))
        name = self._name()
        self.lines.append(f"{name} = 1 if {text} else 0")
        self.conditions[name] = text
        self._push(name)
        return True

    def _no_effect(self, opcode: int) -> bool:
        self._charge(opcode)
        if opcode == op.POP:
            self._pop()
        return True

    def _own_place(self, opcode: int) -> bool:
        self._charge(opcode)
        self._push(str(self.place - 1))
        return True

    def _extend(self, start: str, size: str) -> None:
        self.lines += [
            f"if {size} and {start} + {size} > len(cells):",
            f"    computation.extend_memory({start}, {size}); cells = memory._bytes",
        ]

    def _load(self, opcode: int) -> bool:
        self._charge(opcode)
        start, name = self._pop(), self._name()
        self._extend(start, "32")
        self.lines.append(f"{name} = from_bytes(cells[{start} : {start} + 32], 'big')")
        self._push(name)
        return True

    def _store(self, opcode: int) -> bool:
        self._charge(opcode)
        start, value = self._pop(), self._pop()
        self._extend(start, "32")
        word = repr(int(value).to_bytes(32)) if value.isdigit() else f"{value}.to_bytes(32, 'big')"
        self.lines.append(f"cells[{start} : {start} + 32] = {word}")
        return True

    def _hash(self, opcode: int) -> bool:
        self._charge(opcode)
        start, size, name = self._pop(), self._pop(), self._name()
        if size.isdigit():
            self.gas += 6 * ((int(size) + 31) // 32)
        self._extend(start, size)
        if not size.isdigit():
            self.lines += _charging(f"6 * (({size} + 31) // 32)")
        digest = f"keccak256(bytes(cells[{start} : {start} + {size}]))"
        self.lines.append(f"{name} = from_bytes({digest}, 'big')")
        self._push(name)
        return True

    def _copy(self, opcode: int) -> bool:
        """MCOPY (EIP-5656): 3 gas for each word; memory grows to the end of either part."""
        self._charge(opcode)
        into, source, size = self._pop(), self._pop(), self._pop()
        if size.isdigit():
            self.gas += 3 * ((int(size) + 31) // 32)
        else:
            self.lines += _charging(f"3 * (({size} + 31) // 32)")
        self.lines += [
            f"if {size}:",
            f"    if max({into}, {source}) + {size} > len(cells):",
            f"        computation.extend_memory(max({into}, {source}), {size})",
            "        cells = memory._bytes",
            f"    cells[{into} : {into} + {size}] = cells[{source} : {source} + {size}]",
        ]
        return True

    def _jump(self, opcode: int) -> bool:
        self._charge(opcode)
        target = self._pop()
        self._check_target(target, "")
        self._leave(target)
        return False

    def _jump_if(self, opcode: int) -> bool:
        self._charge(opcode)
        target, condition = self._pop(), self._pop()
        self._close_segment()
        self.lines.append(f"if {self.conditions.get(condition, condition)}:")
        self._check_target(target, "    ")
        self.lines += [f"    {line}" for line in [*self._flush(), f"return {target}"]]
        self.checked = self.taken
        self._open_segment()
        return True

    def _check_target(self, target: str, indent: str) -> None:
        if target.isdigit():
            if int(target) not in self.code.destinations:
                self.lines.append(f"{indent}refuse_jump({target})")
        else:
            self.lines.append(f"{indent}if {target} not in DESTINATIONS: refuse_jump({target})")

    def _stock(self, opcode: int) -> bool:
        """By py-evm's own opcode, which charges for itself; it finds its operands on the stack."""
        known = PRAGUE_OPCODES.get(opcode)
        pops, pushes = POPS_PUSHES[opcode] if known else (0, 0)
        operands = [self._pop() for _ in range(pops)]
        self._close_segment()
        self.globals[f"opcode_{opcode}"] = InvalidOpcode(opcode) if known is None else known
        if operands:
            self.lines.append(f"stack += ({''.join(f'{each}, ' for each in reversed(operands))})")
        self.lines.append(f"opcode_{opcode}(computation=computation)")
        if known is None or opcode in ENDS:
            self._open_segment()
            return False
        self.lines.append("cells = memory._bytes")
        if pushes:
            name = self._name()
            self.lines.append(f"{name} = integer(stack.pop())")
            self._push(name)
        self._open_segment()
        return True

    _handlers: Mapping[int, Callable[["_Writer", int], bool]] = {
        **dict.fromkeys(PURE, _pure),
        **dict.fromkeys(CONDITIONS, _condition),
        op.POP: _no_effect,
        op.JUMPDEST: _no_effect,
        op.PC: _own_place,
        op.MLOAD: _load,
        op.MSTORE: _store,
        op.SHA3: _hash,
        op.MCOPY: _copy,
        op.JUMP: _jump,
        op.JUMPI: _jump_if,
    }


def _charging(amount: str) -> list[str]:
    return [
        f"left = meter.gas_remaining - {amount}",
        "if left < 0: raise OutOfGas('Out of gas')",
        "meter.gas_remaining = left",
    ]
