"""Everything with an effect walks through here: operations, runs, effects, and their desk.

An office method marked `@operation` is durable: killed anywhere, it goes on where it
stood, and each of its effects happens once. Offices import from here and nowhere else:

    from haidang.core.operations import Run, operation

Which room is which: `definition` (the mark and an operation's signature), `run` (what an
operation may touch), `effects` (the life of one intent), `ledger` (its rows), `journal`
(the only importer of dbos), `desk` (start, resolve), `served` (google.longrunning).
"""

from haidang.core.operations.definition import operation
from haidang.core.operations.desk import Desk, Operation
from haidang.core.operations.run import Run, Tx

__all__ = ["Desk", "Operation", "Run", "Tx", "operation"]
