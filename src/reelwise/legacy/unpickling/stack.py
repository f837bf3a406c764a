"""The stack and the memo of a pickle, and the plain data built on them: bounded, and always a tree."""

from collections.abc import Sequence

from reelwise.legacy.unpickling.numpy_scalars import ONLY, Arguments, Function, NumPyType, Refused, function_named

HEAVIEST = 16 << 30  # bytes for all that is built, at ITEM for each thing and CHARACTER for each one of a string
ITEM = 100
CHARACTER = 4
MOST_MARKS = 32
DEEPEST = 32  # containers in one another
TALLEST = 100_000  # things on the stack above one mark

_KEYS: set[type] = {str, int}
_SCALARS: set[type] = {str, int, float, bool, type(None)}
_CONTAINERS: set[type] = {dict, list}
_DATA: set[type] = {*_SCALARS, *_CONTAINERS, tuple}
_ARGUMENTS: set[type] = {*_SCALARS, bytes, NumPyType}


class Stack:
    """What opcodes build. A container goes into one place only, so nothing can hold itself or grow by repetition."""

    def __init__(self) -> None:
        self._things: list[object] = []  # above the last mark
        self._below: list[list[object]] = []  # the things below each mark
        self._memo: dict[int, object] = {}
        self._depths: dict[int, int] = {}  # by id, of the containers on the stack that hold containers
        self._weight = 0

    def push(self, thing: object) -> None:
        """Put one thing on top."""
        self._things.append(thing)
        self._check_height()

    def push_all(self, things: Sequence[object]) -> None:
        """Put many things on top, the last one uppermost."""
        self._things += things
        self._check_height()

    def push_text(self, text: str | bytes) -> None:
        """Put a string on top; unlike a number, it can be large by itself."""
        self._weigh(ITEM + CHARACTER * len(text))
        self.push(text)

    def top(self) -> object:
        """What is on top, and stays there."""
        if not self._things:
            raise Refused("finds nothing on the stack")
        return self._things[-1]

    def pop(self, count: int) -> list[object]:
        """Take off the upper `count` things, in the order in which they came."""
        if len(self._things) < count:
            raise Refused(f"needs {count} things on the stack, but finds {len(self._things)}")
        things = self._things[-count:]
        del self._things[-count:]
        return things

    def mark(self) -> None:
        """Begin a part of the stack of its own."""
        if len(self._below) == MOST_MARKS:
            raise Refused(f"comes after {MOST_MARKS} others that are open")
        self._below.append(self._things)
        self._things = []

    def pop_mark(self) -> list[object]:
        """Take off all that came after the last mark."""
        if not self._below:
            raise Refused("finds no MARK on the stack")
        things, self._things = self._things, self._below.pop()
        return things

    def result(self) -> object:
        """The one thing that was built."""
        if self._below or len(self._things) != 1:
            raise Refused(f"finds {len(self._things)} things above {len(self._below)} marks on the stack, not one")
        _check(self._things, _DATA, f"as the whole; {ONLY}")
        return self._things[0]

    def store(self, index: int | None = None) -> None:
        """Remember what is on top, by default as the next number."""
        self._weigh(ITEM)
        self._memo[len(self._memo) if index is None else index] = self.top()

    def recall(self, index: int) -> None:
        """Put on top what was remembered."""
        if index not in self._memo:
            raise Refused(f"asks for number {index} of the memo, which was never stored")
        thing = self._memo[index]
        if type(thing) in _CONTAINERS:
            raise Refused(f"puts one {type(thing).__name__} into two places, which is not read")
        self.push(thing)

    def new_list(self, items: Sequence[object]) -> None:
        """Put a list on top."""
        self._weigh(ITEM)
        self.push([])
        self.append(items)

    def append(self, items: Sequence[object]) -> None:
        """Add `items` to the list on top."""
        target = self.top()
        if type(target) is not list:
            raise Refused(f"finds no list to add to, but {type(target).__name__}")
        self._put_into(target, items)
        target.extend(items)

    def new_dict(self, items: Sequence[object]) -> None:
        """Put a dict on top; `items` are keys and values in turn."""
        self._weigh(ITEM)
        self.push({})
        self.update(items)

    def update(self, items: Sequence[object]) -> None:
        """Add `items`, keys and values in turn, to the dict on top."""
        target = self.top()
        if type(target) is not dict:
            raise Refused(f"finds no dict to add to, but {type(target).__name__}")
        keys, values = items[::2], items[1::2]
        if len(keys) != len(values):
            raise Refused(f"finds {len(items)} things, an odd number, as keys and values")
        _check(keys, _KEYS, "as a key, but keys are strings and integers")
        self._put_into(target, values)
        target.update(zip(keys, values, strict=True))

    def new_tuple(self, items: Sequence[object]) -> None:
        """Put a tuple on top."""
        kinds = _check(items, _ARGUMENTS, "in a tuple, but tuples hold only strings and numbers")
        self._weigh(ITEM * (1 + len(items)))
        self.push(tuple(items) if kinds <= _SCALARS else Arguments(items))

    def name(self, module: object, name: object) -> None:
        """Put what stands for a function on top."""
        if not (isinstance(module, str) and isinstance(name, str)):
            raise Refused(f"finds no names, but {type(module).__name__} and {type(name).__name__}")
        self.push(function_named(module, name))

    def call(self, function: object, arguments: object) -> None:
        """Put on top what a function makes of `arguments`."""
        if not (isinstance(function, Function) and isinstance(arguments, tuple)):
            raise Refused(f"wants to call {type(function).__name__} with {type(arguments).__name__}; {ONLY}")
        self.push(function.call(arguments))

    def set_state(self, state: object) -> None:
        """Complete the type on top."""
        target = self.top()
        if not isinstance(target, NumPyType):
            raise Refused(f"wants to change {type(target).__name__}; {ONLY}")
        target.set_state(state)

    def _check_height(self) -> None:
        if len(self._things) > TALLEST:
            raise Refused(f"puts more than {TALLEST} things on the stack")

    def _put_into(self, target: object, items: Sequence[object]) -> None:
        kinds = _check(items, _DATA, f"in a container; {ONLY}")
        self._weigh(ITEM * len(items))
        if kinds & _CONTAINERS:  # nothing can change them any more, so their depths are final
            depth = 1 + max(self._depths.pop(id(item), 1) for item in items)
            if depth > DEEPEST:
                raise Refused(f"nests containers more than {DEEPEST} deep")
            self._depths[id(target)] = max(depth, self._depths.get(id(target), 1))

    def _weigh(self, weight: int) -> None:
        self._weight += weight
        if self._weight > HEAVIEST:
            raise Refused(f"goes beyond {HEAVIEST >> 30} GiB of data")


def _check(things: Sequence[object], allowed: set[type], place: str) -> set[type]:
    """The types of `things`, if all are `allowed`."""
    kinds = set(map(type, things))
    if not kinds <= allowed:
        raise Refused(f"finds {' and '.join(sorted(kind.__name__ for kind in kinds - allowed))} {place}")
    return kinds
