"""The registration declaration, typeset: facts in, PDF/A-2b out, the same bytes every time."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Final

import typst
from haidang.core.clock import VIETNAM, vietnamese_date
from haidang.core.identifiers import written_phone, written_tax_code
from haidang.esign.values import DeclareRegistration

STANDARD: Final = "a-2b"
PERSONAL_DIGITS = 12
PROMISES = (
    "Các thông tin nêu trong bản khai này là đúng sự thật; khi có thay đổi, chủ thể cập nhật "
    "với nhà đăng ký.",
    "Tên miền được sử dụng đúng mục đích, không vi phạm pháp luật và không xâm phạm quyền, "
    "lợi ích hợp pháp của tổ chức, cá nhân khác.",
    "Chủ thể chịu trách nhiệm về nội dung trang web đặt trên tên miền và nộp phí duy trì đúng hạn.",
)
"""Of the duties in Decree 147/2024/NĐ-CP art. 9 (secondary); our own wording."""


def declaration_pdf(command: DeclareRegistration, now: datetime, *, sandbox: bool) -> bytes:
    """The declaration as PDF/A-2b. Depends on nothing but its arguments.

    *now* is the day it is signed, written as a Vietnamese date.
    """
    facts = json.dumps(declaration_facts(command, now, sandbox=sandbox), ensure_ascii=False)
    # A compiler of its own: one shared between threads mixes up their inputs.
    compiler = typst.Compiler(_template(), font_paths=_fonts(), sys_inputs={"facts": facts})
    made = compiler.compile(format="pdf", pdf_standards=[STANDARD], timestamp=int(now.timestamp()))
    assert isinstance(made, bytes)
    return made


@cache
def _template() -> bytes:
    return files(__package__).joinpath("declaration.typ").read_bytes()


@cache
def _fonts() -> typst.Fonts:
    """The fonts of the wheel alone: what a machine has installed must not change a paper."""
    return typst.Fonts(include_system_fonts=False)


def declaration_facts(
    command: DeclareRegistration, now: datetime, *, sandbox: bool
) -> dict[str, object]:
    """What the template prints, as JSON-ready values."""
    name_rows: list[list[object]] = [["Tên miền", command.unicode_domain, True]]
    if command.domain != command.unicode_domain:
        name_rows.append(["Dạng mã hóa", command.domain])
    name_rows += [
        ["Ngày đăng ký", vietnamese_date(command.registered_at)],
        ["Ngày hết hạn", vietnamese_date(command.expires_at)],
    ]
    party = command.party
    party_rows: list[list[object]] = [
        ["Tên chủ thể", party.name, True],
        _identifier(party.identifier),
    ]
    if party.representative_name:
        title = f" ({command.representative_title})" if command.representative_title else ""
        party_rows.append(["Người đại diện", party.representative_name + title])
    party_rows += [
        ["Địa chỉ", command.address],
        ["Điện thoại", written_phone(command.phone) if command.phone else ""],
        ["Thư điện tử", command.email],
    ]
    return {
        "unicode_domain": command.unicode_domain,
        "party": party.name,
        "sandbox": sandbox,
        "name_rows": [row for row in name_rows if row[1]],
        "party_rows": [row for row in party_rows if row[1]],
        "promises": list(PROMISES),
        "signed_on": written_day(now),
        "signatory": party.representative_name or party.name,
        "signatory_title": command.representative_title,
        "footer": f"Bản khai điện tử lập ngày {vietnamese_date(now)}, ký số theo chuẩn PAdES.",
    }


def written_day(instant: datetime) -> str:
    """*instant* as papers in Vietnam are dated: "Ngày 05 tháng 02 năm 2027".

    Days below 10 and months 1 and 2 take a zero, against forgery; later months do not.
    Source: Decree 30/2020/NĐ-CP annex I part II (secondary).
    """
    local = instant.astimezone(VIETNAM)
    month = f"{local.month:02}" if local.month <= 2 else str(local.month)
    return f"Ngày {local.day:02} tháng {month} năm {local.year}"


def _identifier(code: str) -> list[object]:
    if len(code) == PERSONAL_DIGITS:
        return ["Số định danh cá nhân", code]
    return ["Mã số thuế", written_tax_code(code)]
