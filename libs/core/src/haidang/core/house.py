"""What every service offers besides its own contract.

Its operations, to tenants and to operators; the personal data it holds, to its tenants.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import grpc
from google.longrunning import operations_pb2_grpc as longrunning_grpc
from haidang.api.operations.v1 import operations_pb2_grpc
from haidang.api.privacy.v1 import privacy_pb2_grpc
from haidang.core import privacy_servicer
from haidang.core.clock import Clock, SystemClock
from haidang.core.erasures import Erasures
from haidang.core.operations import operator_servicer, served
from haidang.core.operations.desk import Desk
from haidang.core.operations.oversight import Oversight
from haidang.core.privacy import PersonalData

METHODS: Mapping[str, str] = {
    **served.METHODS,
    **operator_servicer.METHODS,
    **privacy_servicer.METHODS,
}

_kept: set[asyncio.Task[None]] = set()
"""Tasks for the life of the process: the loop itself holds them only weakly."""


def add_house(
    server: grpc.aio.Server,
    desk: Desk,
    answers: served.Answers,
    data: PersonalData,
    *,
    service: str,
    clock: Clock | None = None,
) -> None:
    """Add the three common servicers of the service called *service*; keep its promises.

    Call it within the running loop.
    """
    time = clock or SystemClock()
    longrunning_grpc.add_OperationsServicer_to_server(
        served.OperationsServicer(desk, answers), server
    )
    operations_pb2_grpc.add_OperatorServiceServicer_to_server(
        operator_servicer.OperatorServicer(Oversight(desk, time)), server
    )
    erasures = Erasures(service, desk.database, data, time)
    privacy_pb2_grpc.add_PrivacyServiceServicer_to_server(
        privacy_servicer.PrivacyServicer(erasures), server
    )
    _kept.add(asyncio.get_running_loop().create_task(erasures.keep_promises()))
