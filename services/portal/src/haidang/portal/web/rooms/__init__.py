"""The rooms of the site: one module each, a class with `doors()`; here is their list."""

from __future__ import annotations

from dataclasses import dataclass

from haidang.core.clock import Clock
from haidang.portal.accounts import Accounts
from haidang.portal.dues import DueLedger
from haidang.portal.erasures.desk import FarewellDesk
from haidang.portal.health import Health
from haidang.portal.looks import Looks
from haidang.portal.personal.ledger import TenantLedger
from haidang.portal.renewals import RenewalLedger
from haidang.portal.starts import Starts
from haidang.portal.web.assets import Assets
from haidang.portal.web.calls import Calls
from haidang.portal.web.doors import Room
from haidang.portal.web.rooms.account import Account
from haidang.portal.web.rooms.api_keys import ApiKeys
from haidang.portal.web.rooms.design import Design
from haidang.portal.web.rooms.domains import Domains
from haidang.portal.web.rooms.editor import Editor
from haidang.portal.web.rooms.editor_forms import EditorForms
from haidang.portal.web.rooms.editor_photos import EditorPhotos
from haidang.portal.web.rooms.editor_publish import EditorPublish
from haidang.portal.web.rooms.editor_site import EditorSite
from haidang.portal.web.rooms.enquiries import Enquiries
from haidang.portal.web.rooms.front import Front
from haidang.portal.web.rooms.home import Home
from haidang.portal.web.rooms.journey import Journey
from haidang.portal.web.rooms.operator import Operator
from haidang.portal.web.rooms.operator_link import OperatorLink
from haidang.portal.web.rooms.operator_operations import OperatorOperations
from haidang.portal.web.rooms.operator_tenants import OperatorTenants
from haidang.portal.web.rooms.papers import Papers
from haidang.portal.web.rooms.papers_signing import PapersSigning
from haidang.portal.web.rooms.paying import Paying
from haidang.portal.web.rooms.personal_data import PersonalDataRoom
from haidang.portal.web.rooms.records import Records
from haidang.portal.web.rooms.recovery import Recovery
from haidang.portal.web.rooms.renewing import Renewing
from haidang.portal.web.rooms.sign_in import SignIn
from haidang.portal.web.rooms.sign_up import SignUp
from haidang.portal.web.rooms.start import Start
from haidang.portal.web.rooms.start_names import StartNames
from haidang.portal.web.rooms.start_pack import StartPack
from haidang.portal.web.rooms.start_review import StartReview
from haidang.portal.web.rooms.team import Team
from haidang.portal.web.rooms.verify import Verify


@dataclass(frozen=True)
class Offices:
    """The portal's own offices, as rooms are given them. A room takes only what it uses."""

    accounts: Accounts
    assets: Assets
    origin: str
    clock: Clock
    renewals: RenewalLedger
    dues: DueLedger
    starts: Starts
    looks: Looks
    tenants: TenantLedger
    calls: Calls
    farewells: FarewellDesk | None = None
    health: Health | None = None


def all_rooms(offices: Offices) -> tuple[Room, ...]:
    """Every room of the site; addresses are tried in this order."""
    return (
        offices.assets,
        Front(),
        Design(),
        SignUp(offices.accounts),
        SignIn(offices.accounts),
        Recovery(offices.accounts),
        Account(offices.accounts),
        ApiKeys(offices.accounts, offices.clock),
        Team(offices.accounts, offices.origin),
        OperatorLink(offices.accounts),
        Operator(offices.calls, offices.looks, offices.health, offices.clock),
        OperatorOperations(offices.calls, offices.looks, offices.clock),
        OperatorTenants(offices.calls, offices.looks, offices.tenants, offices.accounts),
        PersonalDataRoom(
            offices.accounts, offices.calls, offices.looks, offices.farewells, offices.clock
        ),
        Start(offices.starts, offices.accounts),
        StartNames(offices.starts),
        StartPack(offices.starts),
        StartReview(offices.starts, offices.clock),
        Journey(offices.starts, offices.clock),
        Home(offices.starts, offices.dues, offices.clock),
        Domains(offices.renewals, offices.dues, offices.clock),
        Renewing(offices.dues, offices.clock),
        Paying(offices.clock),
        Records(offices.clock),
        Editor(),
        EditorForms(),
        EditorPhotos(),
        EditorPublish(),
        EditorSite(),
        Enquiries(offices.clock),
        PapersSigning(offices.starts),
        Papers(),
        Verify(offices.calls, offices.clock),
    )
