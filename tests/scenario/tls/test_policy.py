"""Mozilla's guideline for servers, 6.0: what each policy takes and refuses, walked by openssl s_client."""

import subprocess

import pytest

from support.certificates import issue, write_pair

INTERMEDIATE_12 = {
    "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305"}
SUITES_13 = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}
GROUPS = {"X25519", "P-256", "P-384"}
OTHER_GROUPS = {"P-521", "X448", "ffdhe2048", "ffdhe3072", "brainpoolP256r1"}
ANY = "ALL:eNULL:@SECLEVEL=0"


def known(*options):
    done = subprocess.run(["openssl", "ciphers", "-s", *options, ANY], capture_output=True, text=True, check=True)
    return set(done.stdout.strip().split(":"))


def shake(tls, *options, name="a.test"):
    """What was agreed upon, as openssl says it; None: nothing was."""
    done = subprocess.run(["openssl", "s_client", "-connect", "%s:%d" % tls.address, "-servername", name, "-brief", *options],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=30)
    said = dict(line.split(": ", 1) for line in done.stderr.splitlines() if ": " in line)
    return said if "Protocol version" in said else None


@pytest.fixture(name="both")
def fixture_both(start_tls, ca, tmp_path):
    """both(*flags): with a certificate of either type for a.test."""
    def start(*flags):
        folder = tmp_path / "certificates"
        write_pair(folder, "a.test", issue(ca, ("a.test",)))
        write_pair(folder, "rsa.test", issue(ca, ("rsa.test",), key="rsa"))
        return start_tls(*flags, names=())
    return start


@pytest.mark.slow("each of some 160 ciphers is a handshake of openssl")
def test_ciphers_of_tls_1_2(both):
    tls = both()
    taken = set()
    for cipher in known("-tls1_2"):
        name = "rsa.test" if "ECDSA" not in cipher else "a.test"
        found = shake(tls, "-tls1_2", "-cipher", f"{cipher}:@SECLEVEL=0", name=name)
        if found:
            assert found["Ciphersuite"] == cipher
            taken.add(cipher)
    assert taken == INTERMEDIATE_12


def test_suites_of_tls_1_3(both):
    tls = both()
    for suite in sorted(SUITES_13 | {"TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256"}):
        found = shake(tls, "-tls1_3", "-ciphersuites", suite)
        assert bool(found) == (suite in SUITES_13), suite
        assert not found or found["Ciphersuite"] == suite


@pytest.mark.parametrize("version", ("-tls1_2", "-tls1_3"))
def test_groups(version, both):
    tls = both()
    for group in sorted(GROUPS | OTHER_GROUPS):
        # Of TLS 1.2 a group is also one of the certificate's key.
        found = shake(tls, version, "-groups", group, name="rsa.test" if version == "-tls1_2" else "a.test")
        assert bool(found) == (group in GROUPS), (group, found)


@pytest.mark.parametrize("policy, taken", (("intermediate", {"-tls1_2", "-tls1_3"}), ("modern", {"-tls1_3"})))
def test_versions(policy, taken, both):
    tls = both(f"--tls-policy={policy}")
    for version in ("-tls1", "-tls1_1", "-tls1_2", "-tls1_3"):
        found = shake(tls, version, "-cipher", ANY)
        assert bool(found) == (version in taken), version
    tls.wait_count(4 - len(taken), reason="version")


def test_the_client_prefers(both):
    tls = both()
    for suites in ("TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256"):
        assert shake(tls, "-tls1_3", "-ciphersuites", suites)["Ciphersuite"] == suites.split(":", maxsplit=1)[0]
    for first, second in (("ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES128-GCM-SHA256"),
                          ("ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256")):
        assert shake(tls, "-tls1_2", "-cipher", f"{first}:{second}")["Ciphersuite"] == first


def talk(tls, *options, say, timeout_s=20):
    """All that s_client tells, of a connection on which this is said."""
    with subprocess.Popen(["openssl", "s_client", "-connect", "%s:%d" % tls.address, "-servername", "a.test", *options],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as client:
        return client.communicate(say, timeout=timeout_s)[0]


def test_nothing_is_negotiated_again(both):
    tls = both()
    said = talk(tls, "-tls1_2", "-legacy_renegotiation", say="R\n")
    assert "RENEGOTIATING" in said
    assert "no renegotiation" in said or "handshake failure" in said, said


def test_nothing_is_compressed(both):
    tls = both()
    said = talk(tls, "-tls1_2", "-comp", say="")
    assert "Compression: NONE" in said
    assert "Secure Renegotiation IS supported" in said


def test_early_data_is_not_taken(both, tmp_path):
    tls = both()
    kept = tmp_path / "session"
    request = "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n"
    assert "200 OK" in talk(tls, "-tls1_3", "-quiet", "-sess_out", str(kept), say=request)
    (tmp_path / "early").write_text(request)
    said = talk(tls, "-tls1_3", "-sess_in", str(kept), "-early_data", str(tmp_path / "early"), say="")
    assert "Early data was not sent" in said or "Early data was rejected" in said


def test_a_policy_that_changes_at_sighup(start_tls, tmp_path):
    (tmp_path / "lb.json").write_text('{"tls-policy": "intermediate"}')
    tls = start_tls(f"--config={tmp_path / 'lb.json'}")
    assert shake(tls, "-tls1_2")
    (tmp_path / "lb.json").write_text('{"tls-policy": "modern"}')
    pid = tls.lb.proxy_pid
    tls.lb.reload()
    assert tls.lb.proxy_pid == pid  # nobody had to come anew
    assert not shake(tls, "-tls1_2")
    assert shake(tls, "-tls1_3")
