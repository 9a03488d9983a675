"""An SMTP server for the tests: `smtp_server.py plain|starttls|tls|login`.

Prints one JSON line with its port and certificate authority, then one JSON line per mail that it took. What it does
with a mail depends on the recipient: `refused@` is unknown for good, `later@` for now, `slow@` is never answered.
"""

import asyncio
import json
import ssl
import sys
from email import message_from_bytes, policy

import trustme
from aiosmtpd.smtp import SMTP, AuthResult


def say(line):
    print(json.dumps(line), flush=True)


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused@"):
            return "550 no such mailbox"
        if address.startswith("later@"):
            return "451 try again later"
        if address.startswith("slow@"):
            await asyncio.sleep(600)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = message_from_bytes(envelope.content, policy=policy.default)
        say(
            {
                "from": envelope.mail_from,
                "to": envelope.rcpt_tos,
                "protected": server.transport.get_extra_info("sslcontext") is not None,
                "headers": mail.keys(),
                "subject": mail["Subject"],
                "to_name": mail["To"].addresses[0].display_name,
                "message_id": mail["Message-ID"],
                "text": mail.get_content(),
            }
        )
        return "250 taken"


def login(server, session, envelope, mechanism, data):
    right = data.login == b"mailer" and data.password == b"right"
    return AuthResult(success=right, handled=False)


async def serve(mode):
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    options = {
        "plain": {},
        "starttls": {"tls_context": context, "require_starttls": True},
        "tls": {},
        "login": {"authenticator": login, "auth_required": True, "auth_require_tls": False},
    }[mode]
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(Handler(), hostname="localhost", **options),
        "127.0.0.1",
        0,
        ssl=context if mode == "tls" else None,
    )
    pem = authority.cert_pem.bytes().decode()
    say({"port": server.sockets[0].getsockname()[1], "authority": pem})
    await server.serve_forever()


asyncio.run(serve(sys.argv[1]))
