"""What a real registry has is told as it was pushed."""

import shutil
import subprocess
from pathlib import Path

import pytest
from tests.engine.registry.certificates import Authority
from tests.engine.registry.conftest import PLATFORMS, Layout, Registry, push, skopeo

from kollage.errors import RegistryError
from kollage.options import Options
from kollage.registry import Client, Published, client_of, is_plain, this_platform
from kollage.registry.credentials import find
from kollage.registry.trust import Trust

pytestmark = pytest.mark.engine

USER, PASSWORD = "alice", "s3:cret"


class TestPlain:
    def test_an_image_is_told_as_it_was_pushed(self, registry: Registry, layout: Layout) -> None:
        host = registry()
        image = layout.image("one", b"content")
        push(layout, "one", f"{host}/kolla/keystone:1")
        assert is_plain(host)
        assert Client().published(f"{host}/kolla/keystone:1") == Published(
            digest=image.digest,
            media_type="application/vnd.oci.image.manifest.v1+json",
            config=image.config,
            size=image.size,
        )
        found = Client().published(f"{host}/kolla/keystone@{image.digest}")
        assert found
        assert found.config == image.config

    def test_one_in_docker_s_own_form_has_the_same_configuration(self, registry: Registry, layout: Layout) -> None:
        host = registry()
        image = layout.image("one", b"content")
        push(layout, "one", f"{host}/nova:1", "--format=v2s2")
        found = Client().published(f"{host}/nova:1")
        assert found
        assert found.media_type == "application/vnd.docker.distribution.manifest.v2+json"
        assert (found.config, found.size) == (image.config, image.size)
        assert found.digest != image.digest

    def test_what_was_never_pushed_is_none(self, registry: Registry, layout: Layout) -> None:
        host = registry()
        layout.image("one", b"content")
        push(layout, "one", f"{host}/kolla/keystone:1")
        assert Client().published(f"{host}/kolla/keystone:2") is None
        assert Client().published(f"{host}/kolla/nova:1") is None
        assert Client().published(f"{host}/kolla/keystone@sha256:{'0' * 64}") is None

    def test_an_index_is_told_with_its_platforms(self, registry: Registry, layout: Layout) -> None:
        host = registry()
        images = {name.partition("/")[2]: layout.image(name, name.encode(), name) for name in PLATFORMS}
        digest = layout.index("all", **images)
        push(layout, "all", f"{host}/kolla/keystone:1", "--all")
        reference = f"{host}/kolla/keystone:1"
        assert Client().platforms(reference) == {f"linux/{name}": image.digest for name, image in images.items()}
        found = Client().published(reference, platform="linux/arm64")
        assert found
        assert (found.digest, found.config) == (digest, images["arm64"].config)
        here = Client().published(reference)
        own = images.get(this_platform().partition("/")[2])
        assert here
        assert here.config == (own.config if own else None)


class TestPassword:
    @pytest.fixture
    def host(self, registry: Registry, tmp_path: Path) -> str:
        if not shutil.which("htpasswd"):
            pytest.skip("htpasswd is not installed")
        users = tmp_path / "htpasswd"
        subprocess.run(["htpasswd", "-Bbc", users, USER, PASSWORD], check=True, capture_output=True)
        return registry(auth={"htpasswd": {"realm": "tests", "path": str(users)}})

    def test_who_has_logged_in_may_ask(self, host: str, layout: Layout, tmp_path: Path) -> None:
        image = layout.image("one", b"content")
        push(layout, "one", f"{host}/kolla/keystone:1", f"--dest-creds={USER}:{PASSWORD}")
        authfile = tmp_path / "home/.config/containers/auth.json"
        authfile.parent.mkdir(parents=True)
        login = ("login", f"--username={USER}", f"--password={PASSWORD}", f"--authfile={authfile}")
        skopeo(*login, "--tls-verify=false", host)
        client = client_of(Options(environ={"HOME": str(tmp_path / "home")}))
        found = client.published(f"{host}/kolla/keystone:1")
        assert found
        assert found.digest == image.digest
        assert client.published(f"{host}/kolla/keystone:2") is None

    def test_who_has_not_may_not(self, host: str, tmp_path: Path) -> None:
        with pytest.raises(RegistryError, match="refuses who has no credentials: 401") as caught:
            client_of(Options(environ={"HOME": str(tmp_path)})).published(f"{host}/kolla/keystone:1")
        assert f"buildah login {host}" in caught.value.hint
        assert not caught.value.transient

    def test_a_wrong_password_is_told_by_the_name_of_its_file(self, host: str, tmp_path: Path) -> None:
        authfile = tmp_path / "auth.json"
        authfile.write_text(f'{{"auths": {{"{host}": {{"username": "{USER}", "password": "wr0ng"}}}}}}')
        environ = {"REGISTRY_AUTH_FILE": str(authfile)}
        assert find(host, "kolla/keystone", environ, run=tmp_path)
        with pytest.raises(RegistryError) as caught:
            client_of(Options(environ=environ)).published(f"{host}/kolla/keystone:1")
        assert caught.value.message.startswith(f"{host} refuses the credentials in {authfile}: 401")
        assert "wr0ng" not in caught.value.message


class TestPrivateAuthority:
    @pytest.fixture
    def authority(self, tmp_path: Path) -> Authority:
        if not shutil.which("openssl"):
            pytest.skip("openssl is not installed")
        return Authority(tmp_path / "authority")

    def test_a_registry_with_its_certificate_is_believed_by_who_trusts_it(
        self, registry: Registry, layout: Layout, authority: Authority, tmp_path: Path
    ) -> None:
        host = registry(http={"tls": authority.server()})
        image = layout.image("one", b"content")
        folder = authority.kept_for(host, tmp_path / "certs.d")
        push(layout, "one", f"{host}/kolla/keystone:1", f"--dest-cert-dir={folder}")
        assert not is_plain(host)
        for trust in (Trust(folders=(tmp_path / "certs.d",)), Trust(ca_bundle=authority.certificate)):
            found = Client(trust=trust).published(f"{host}/kolla/keystone:1")
            assert found
            assert found.digest == image.digest

    def test_by_nobody_else(self, registry: Registry, authority: Authority, tmp_path: Path) -> None:
        host = registry(http={"tls": authority.server()})
        other = Authority(tmp_path / "other")
        for trust in (Trust(), Trust(ca_bundle=other.certificate)):
            with pytest.raises(RegistryError, match="shows a certificate that is not trusted") as caught:
                Client(trust=trust).published(f"{host}/kolla/keystone:1")
            assert f"/etc/containers/certs.d/{host}/ca.crt" in caught.value.hint
            assert not caught.value.transient

    def test_one_that_asks_for_a_certificate_gets_the_one_that_is_kept_for_it(
        self, registry: Registry, authority: Authority, tmp_path: Path
    ) -> None:
        tls = {**authority.server(), "clientcas": [str(authority.certificate)]}
        host = registry(http={"tls": tls})
        with pytest.raises(RegistryError):  # it hangs up; its reason may or may not arrive before that
            Client(trust=Trust(ca_bundle=authority.certificate)).published(f"{host}/kolla/keystone:1")
        authority.kept_for(host, tmp_path / "certs.d", client=True)
        assert Client(trust=Trust(folders=(tmp_path / "certs.d",))).published(f"{host}/kolla/keystone:1") is None
