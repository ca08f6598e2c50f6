# /// script
# requires-python = ">=3.11"
# dependencies = ["selenium>=4.30", "pyyaml>=6.0", "cryptography>=45"]
# ///
"""See the dashboard of a cloud with a real browser: log in as its administrator, open the instances, keep a picture.

    uv run --script tools/screenshot.py [--cloud-dir FOLDER] [--instance NAME] [--output FILE]

uv makes an environment of its own for it; the browser is the distribution's: packages chromium and chromium-driver.
The answer is 0 when the instance is in the table that the dashboard shows.
"""

import argparse
import base64
import hashlib
import json
import os
import shutil
import ssl
import sys
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as seen
from selenium.webdriver.support.ui import WebDriverWait

PATIENCE = 120  # seconds for one page: the first one makes the dashboard compile what it serves
SIZE = (1280, 640)
PREFIX = "kollage-smoke-"


def main() -> int:
    arguments = parsed()
    facts = json.loads((arguments.cloud_dir / "cloud.json").read_text(encoding="utf-8"))
    login = yaml.safe_load((arguments.cloud_dir / "clouds.yaml").read_text(encoding="utf-8"))["clouds"]["kollage"]
    browser = started(pinned(facts["dashboard"], login["cacert"]) if "cacert" in login else [])
    try:
        enter(browser, facts["dashboard"], login["auth"])
        found = instances(browser, facts["dashboard"], arguments.instance)
        browser.save_screenshot(str(arguments.output))
    except WebDriverException as error:
        browser.save_screenshot(str(arguments.output.with_suffix(".failed.png")))
        print(f"the dashboard at {browser.current_url}: {error.msg or type(error).__name__}", file=sys.stderr)
        return 1
    finally:
        browser.quit()
    print(f"{arguments.output}: {found}")
    return 0


def parsed() -> argparse.Namespace:
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share")
    parser = argparse.ArgumentParser(description="Log in to the dashboard of a cloud and take a picture of it.")
    parser.add_argument("--cloud-dir", type=Path, default=data / "kollage/cloud")
    parser.add_argument("--instance", default=PREFIX, help="what the name of the instance begins with")
    parser.add_argument("--output", type=Path, default=Path("docs/tutorial/horizon.png"))
    return parser.parse_args()


def pinned(dashboard: str, authority: str) -> list[str]:
    """What makes the browser trust the one key that the cloud's own authority, which it does not know, vouches for."""
    address = urlsplit(dashboard)
    pem = ssl.get_server_certificate((address.hostname or "", address.port or 443), ca_certs=authority)
    key = load_pem_x509_certificate(pem.encode()).public_key()
    digest = hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
    return [f"--ignore-certificate-errors-spki-list={base64.b64encode(digest).decode()}"]


def started(trust: list[str]) -> webdriver.Chrome:
    """Start the browser."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or "chromium"
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # it refuses to have one as root
    for flag in ("--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server", *sandbox, *trust):
        options.add_argument(flag)
    options.add_argument(f"--window-size={SIZE[0]},{SIZE[1]}")
    service = webdriver.ChromeService(shutil.which("chromedriver"))
    browser = webdriver.Chrome(options=options, service=service)
    browser.set_page_load_timeout(PATIENCE)
    return browser


def enter(browser: webdriver.Chrome, dashboard: str, login: dict[str, str]) -> None:
    """Fill the form of the first page."""
    browser.get(dashboard)
    WebDriverWait(browser, PATIENCE).until(seen.visibility_of_element_located((By.ID, "id_username")))
    for field, key in (("id_domain", "user_domain_name"), ("id_username", "username"), ("id_password", "password")):
        for element in browser.find_elements(By.ID, field):
            if element.is_displayed():
                element.send_keys(login[key])
    browser.find_element(By.ID, "id_password").submit()
    WebDriverWait(browser, PATIENCE).until(seen.invisibility_of_element_located((By.ID, "id_password")))


def instances(browser: webdriver.Chrome, dashboard: str, name: str) -> str:
    """Open the page of the instances and give the row of one."""
    browser.get(f"{dashboard.rstrip('/')}/project/instances/")
    row = (By.XPATH, f"//table[@id='instances']//tr[.//a[starts-with(normalize-space(.), '{name}')]]")
    return WebDriverWait(browser, PATIENCE).until(seen.visibility_of_element_located(row)).text.replace("\n", " ")


if __name__ == "__main__":
    sys.exit(main())
