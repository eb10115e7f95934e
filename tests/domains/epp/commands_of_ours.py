"""One of each command we can send, named as its golden frame."""

from __future__ import annotations

from datetime import UTC, datetime

from haidang.domains.epp.commands import (
    AcknowledgeMessage,
    CheckContacts,
    CheckDomains,
    Command,
    CreateContact,
    CreateDomain,
    InfoContact,
    InfoDomain,
    Login,
    Logout,
    Postal,
    RenewDomain,
    RequestMessage,
    UpdateContact,
    UpdateDomain,
)
from haidang.domains.epp.profile import CONTACT, DOMAIN

CL_TRID = "HD-0123456789abcdef0123456789abcdef01234567-00c0ffee"
POSTAL = Postal(
    name="Nguyễn Thị Lan",
    org="Homestay Biển Xanh",
    street="12 Trần Phú",
    city="Phường Vũng Tàu",
    province="Thành phố Hồ Chí Minh",
    country="VN",
)

OUR_COMMANDS: dict[str, Command] = {
    "login": Login("haidang-sbx", "mat-khau-1", (DOMAIN, CONTACT)),
    "login_new_password": Login(
        "haidang-sbx",
        "mat-khau-1",
        (DOMAIN, CONTACT),
        ("urn:ietf:params:xml:ns:secDNS-1.1",),
        new_password="mat-khau-2",
    ),
    "logout": Logout(),
    "poll_req": RequestMessage(),
    "poll_ack": AcknowledgeMessage("42"),
    "check_domains": CheckDomains(("bienxanh.vn", "xn--ph-rbt.vn")),
    "check_contacts": CheckContacts(("HD0000000001",)),
    "info_domain": InfoDomain("bienxanh.vn"),
    "info_contact": InfoContact("HD0000000001"),
    "create_domain": CreateDomain(
        "bienxanh.vn", 2, "HD0000000001", ("ns1.haidang.example", "ns2.haidang.example")
    ),
    "create_domain_undelegated": CreateDomain("bienxanh.vn", 1, "HD0000000001"),
    "create_contact": CreateContact(
        "HD0000000001", POSTAL, "lienhe@bienxanh.example", "+84901234567"
    ),
    "create_contact_person": CreateContact(
        "HD0000000002", Postal("Trần Văn Bảy", "Xã Châu Đức", "VN"), "bay@example.vn"
    ),
    "renew_domain": RenewDomain("bienxanh.vn", datetime(2027, 11, 24, 3, 4, 5, tzinfo=UTC), 2),
    "update_domain": UpdateDomain(
        "bienxanh.vn",
        add_nameservers=("ns3.haidang.example",),
        remove_nameservers=("ns1.haidang.example",),
        add_statuses=("clientTransferProhibited",),
        remove_statuses=("clientHold",),
        registrant="HD0000000002",
    ),
    "update_contact": UpdateContact("HD0000000001", POSTAL, "+84907654321", "lan@example.vn"),
}
