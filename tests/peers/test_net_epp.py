"""Perl's Net::EPP, written by somebody else, drives the sandbox registry through a day."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.domains.sandbox_house import SandboxHouse
from tests.judges import judge

SCRIPT = r"""
use strict; use warnings;
use Net::EPP::Simple;
my ($port, $ca, $user, $pass) = @ARGV;
sub must {
  my ($what, $ok) = @_;
  die "$what: $Net::EPP::Simple::Code $Net::EPP::Simple::Error\n" unless $ok;
  print "$what ok\n";
}
my $epp = Net::EPP::Simple->new(
  host => 'localhost', port => $port, user => $user, pass => $pass,
  verify => 1, ca_file => $ca, timeout => 10, load_config => 0, reconnect => 0,
);
must('login', $epp);
print 'greeting ', $epp->{greeting}->getElementsByTagName('svID')->shift->textContent, "\n";
must('check free', $epp->check_domain('hatieu.vn') == 1);
must('create contact', $epp->create_contact({
  id => 'PERL-01', email => 'lan@example.vn', voice => '+84.901234567', fax => '',
  authInfo => 'hush-hush',
  postalInfo => { int => { name => 'Lan', org => 'Pepper farm', addr => {
    street => ['1 Chau Duc'], city => 'Chau Duc', sp => 'HCM', pc => '78000', cc => 'VN' } } },
}));
must('create host', $epp->create_host({ name => 'ns1.example.com', addrs => [] }));
must('create domain', $epp->create_domain({
  name => 'hatieu.vn', period => 1, registrant => 'PERL-01',
  contacts => { tech => 'PERL-01' }, ns => ['ns1.example.com'], authInfo => 'hush-hush',
}));
must('check taken', $epp->check_domain('hatieu.vn') == 0);
my $info = $epp->domain_info('hatieu.vn');
must('info', $info && $info->{registrant} eq 'PERL-01' && $info->{ns}[0] eq 'ns1.example.com');
must('contact info', $epp->contact_info('PERL-01')->{postalInfo}{int}{addr}{city} eq 'Chau Duc');
my ($expiry) = $info->{exDate} =~ /^(\d{4}-\d\d-\d\d)/;
must('renew', $epp->renew_domain({ name => 'hatieu.vn', cur_exp_date => $expiry, period => 2 }));
my $later = $epp->domain_info('hatieu.vn')->{exDate};
must('renewed', substr($later, 0, 4) == substr($expiry, 0, 4) + 2);
must('renew twice refused',
  !$epp->renew_domain({ name => 'hatieu.vn', cur_exp_date => $expiry, period => 2 }));
print "refusal $Net::EPP::Simple::Code\n";
must('linked contact kept', !$epp->delete_contact('PERL-01'));
must('delete', $epp->delete_domain('hatieu.vn'));
must('delete contact', $epp->delete_contact('PERL-01'));
must('logout', $epp->logout);
"""


@pytest.mark.judge("Net::EPP")
async def test_a_foreign_client_registers_renews_and_deletes(tmp_path: Path) -> None:
    perl = judge("Net::EPP")
    async with SandboxHouse(tmp_path) as house:
        known = house.credentials()
        arguments = [
            str(house.port),
            str(tmp_path / "tls" / "ca.pem"),
            known["client_id"],
            known["password"],
        ]

        process = await asyncio.create_subprocess_exec(
            *(perl, "-e", SCRIPT, *arguments),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(), 60)

        assert process.returncode == 0, out.decode() + err.decode()
        lines = out.decode().splitlines()
        assert "greeting Hai Dang SANDBOX" in lines
        assert lines[-1] == "logout ok"
        assert [effect for effect, *_ in house.journal()] == [
            "contact.create",
            "host.create",
            "domain.create",
            "domain.renew",
            "domain.delete",
            "contact.delete",
        ]
        assert all(len(operation) == 40 for _, _, operation, _ in house.journal())
