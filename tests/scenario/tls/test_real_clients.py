"""Programs that people have: curl, openssl, Node, gnutls-cli, wget; those that are not installed are left out."""

import shutil
import subprocess

import pytest

NODE = """
const https = require("https"), fs = require("fs");
const agent = new https.Agent({keepAlive: true, maxSockets: 1});
const options = {host: "127.0.0.1", port: +process.argv[1], servername: "a.test", headers: {Host: "a.test"},
                 ca: fs.readFileSync(process.argv[2]), agent};
function ask(left) {
  https.get(options, (answer) => {
    const protocol = answer.socket.getProtocol(), trusted = answer.socket.authorized;
    let body = "";
    answer.on("data", (piece) => { body += piece; });
    answer.on("end", () => {
      console.log(answer.statusCode, protocol, body, trusted);
      if (left > 1) ask(left - 1); else agent.destroy();
    });
  }).on("error", (error) => { console.log("failed", error.code); process.exit(1); });
}
ask(3);
"""


def needs(program):
    return pytest.mark.skipif(not shutil.which(program), reason=f"{program} is not installed")


def run(*command, say=None):
    return subprocess.run([str(word) for word in command], input=say, capture_output=True, text=True, timeout=60, check=False)


@needs("curl")
@pytest.mark.parametrize("version", ("1.2", "1.3"))
def test_curl(version, start_tls, ca):
    tls = start_tls()
    port = tls.address[1]
    urls = [f"https://a.test:{port}/{i}" for i in range(3)]
    done = run("curl", "-sS", "--cacert", ca.root, "--resolve", f"a.test:{port}:127.0.0.1", f"--tlsv{version}", "--tls-max", version,
               "-w", "%{http_code} %{num_connects} %{ssl_verify_result} %{http_version}\\n", *urls)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "ok200 1 0 1.1\nok200 0 0 1.1\nok200 0 0 1.1\n"


@needs("curl")
def test_curl_does_not_trust_a_wrong_name(start_tls, ca):
    tls = start_tls()
    port = tls.address[1]
    done = run("curl", "-sS", "--cacert", ca.root, "--resolve", f"z.test:{port}:127.0.0.1", f"https://z.test:{port}/")
    assert done.returncode == 35 and "unrecognized name" in done.stderr.lower()


@needs("curl")
def test_curl_by_http_2_comes_down_to_1(start_tls, ca):
    tls = start_tls()
    port = tls.address[1]
    done = run("curl", "-sS", "--http2", "--cacert", ca.root, "--resolve", f"a.test:{port}:127.0.0.1", "-w", " %{http_version}",
               f"https://a.test:{port}/")
    assert done.stdout == "ok 1.1"


@needs("curl")
def test_curl_sends_and_takes_much(start_tls, start_appserver, ca, tmp_path):
    tls = start_tls(backends=[start_appserver("one")])
    port = tls.address[1]
    (tmp_path / "much").write_bytes(bytes(30_000_000))
    usual = ["curl", "-sS", "--cacert", ca.root, "--resolve", f"a.test:{port}:127.0.0.1"]
    done = run(*usual, "-T", tmp_path / "much", f"https://a.test:{port}/upload")
    assert "30000000" in done.stdout, done.stderr
    done = run(*usual, "-o", "/dev/null", "-w", "%{size_download}", f"https://a.test:{port}/bytes/50000000")
    assert done.stdout == "50000000", done.stderr


@needs("openssl")
def test_openssl(start_tls, ca):
    tls = start_tls()
    done = run("openssl", "s_client", "-connect", "%s:%d" % tls.address, "-servername", "a.test", "-CAfile", ca.root, "-verify_return_error",
               "-quiet", say="GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n")
    assert "HTTP/1.1 200 OK" in done.stdout and done.stdout.endswith("ok"), done.stderr


@needs("node")
def test_node(start_tls, ca):
    tls = start_tls()
    done = run("node", "-e", NODE, tls.address[1], ca.root)
    assert done.stdout == "200 TLSv1.3 ok true\n" * 3, done.stdout + done.stderr
    tls.wait_count(1, result="ok")


@needs("gnutls-cli")
def test_gnutls(start_tls, ca):
    tls = start_tls()
    done = run("gnutls-cli", "--sni-hostname=a.test", "--verify-hostname=a.test", f"--x509cafile={ca.root}", "-p", tls.address[1], "127.0.0.1",
               say="GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n")
    assert "HTTP/1.1 200 OK" in done.stdout, done.stderr


@needs("wget")
def test_wget(start_tls, ca):
    tls = start_tls("--tls-policy=modern")
    done = run("wget", "-q", "-O", "-", f"--ca-certificate={ca.root}", "--no-check-certificate", "--header=Host: a.test",
               f"https://localhost:{tls.address[1]}/")
    assert done.returncode != 0  # it asks for localhost, of which there is no certificate
