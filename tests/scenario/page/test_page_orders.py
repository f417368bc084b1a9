"""Orders by the page: chosen in a dialog, given by its second button, taken back by Undo; by the keyboard alone too."""

import pytest

from support.discovery import endpoint
from support.page import ENDPOINTS, is_live

SERVICE = "#/service/appserver"
TOKEN = "0123456789abcdef-secret"


@pytest.fixture(name="start_two")
def make_start_two(start_lb, discovery, start_backend):
    def start(*flags):
        lb = start_lb(*discovery.flags, *flags)
        discovery.send(*(endpoint(name, start_backend().address, id=f"{name}0000aa") for name in ("app1", "app2")))
        return lb
    return start


@pytest.fixture(name="lb")
def make_lb(start_two):
    return start_two().wait_ready(2)


def choose(page, words):
    """Marks the choice of that head in the dialog."""
    page.wait("document.querySelector('#order').open")
    page.run(f"""[...document.querySelectorAll('#choices label')].find(label =>
        label.querySelector('b').textContent === {words!r}).querySelector('input').click()""")


def open_orders(page, at=0):
    page.wait(f"{ENDPOINTS}.length === 2")
    page.run(f"document.querySelectorAll('#endpoints tbody button')[{at}].click()")


def give(page, says):
    page.run("document.querySelector('#give').click()")
    page.wait(f"!document.querySelector('#order').open && document.querySelector('#said').textContent.includes({says!r})")


def state_of(page, name, state):
    page.wait(f"{ENDPOINTS}.find(row => row[0] === {name!r})[1] === {state!r}")


def test_drain_and_undo(lb, open_page):
    page = is_live(open_page(lb, SERVICE))
    open_orders(page)
    choose(page, "Drain")
    assert page.text("#order-title") == "app1 of appserver" and page.text("#give") == "Drain"
    assert lb.states()["app1"] == "ready"  # nothing is ordered by the first step
    give(page, "app1 is draining")
    state_of(page, "app1", "draining")
    page.run("document.querySelector('#undo').click()")
    page.wait("document.querySelector('#said').textContent.startsWith('Undo: app1 is ')")
    state_of(page, "app1", "ready")
    assert page.complaints() == []


def test_no_undo_of_what_another_has_ordered_since(lb, open_page):
    page = is_live(open_page(lb, SERVICE))
    open_orders(page)
    choose(page, "Weight")
    page.run("document.querySelector('#weight').value = 5")
    give(page, "app1")
    weight = "[...world.endpoints.values()].find(one => one.name === 'app1').weight"
    page.wait(f"{weight} === 5")
    assert not page.run("document.querySelector('#undo').hidden")
    assert lb.order("/endpoints/app1/weight?value=9")[0] == 200
    page.wait("document.querySelector('#undo').hidden")
    assert page.text("#said") == "Another order came."
    assert page.run(weight) == 9 and page.complaints() == []


@pytest.mark.parametrize("verb, state, back", (("Drain", "draining", "Undrain"), ("Disable", "disabled", "Enable")))
def test_what_was_ordered_can_be_taken_back_later(lb, open_page, verb, state, back):
    page = is_live(open_page(lb, SERVICE))
    open_orders(page)
    choose(page, verb)
    give(page, f"app1 is {state}")
    page.run("document.querySelector('#dismiss').click()")
    state_of(page, "app1", state)
    open_orders(page)
    page.wait("document.querySelector('#order').open")
    heads = page.run("[...document.querySelectorAll('#choices b')].map(head => head.textContent)")
    assert heads == [back, "Weight"]
    choose(page, back)
    give(page, "app1 is ")
    state_of(page, "app1", "ready")


def test_weight(lb, open_page):
    page = is_live(open_page(lb, SERVICE))
    weight = f"{ENDPOINTS}.find(row => row[0] === 'app2').at(-1)"
    for value, before in (("7", "1|"), ("9", "7|by admin")):
        page.wait(f"{weight} === {before!r}")
        open_orders(page, 1)
        choose(page, "Weight")
        page.run(f"document.querySelector('#weight').value = {value}")
        give(page, f"weight {value}")
    page.wait(f"{weight} === '9|by admin'")
    page.run("document.querySelector('#undo').click()")
    page.wait(f"{weight} === '7|by admin'")
    open_orders(page, 1)
    choose(page, "Usual weight")
    give(page, "weight 1")
    page.wait(f"{weight} === '1|'")


def test_pause_and_resume(lb, open_page):
    page = is_live(open_page(lb, SERVICE))
    page.wait("document.querySelector('#pause').textContent === 'Pause'")
    page.run("document.querySelector('#pause').click()")
    choose(page, "Pause for 5m")
    give(page, "appserver is paused for 300.0 s")
    page.wait("document.querySelector('#service-health').textContent.includes('its new requests wait')")
    page.wait("document.querySelector('#pause').textContent === 'Resume'")
    page.run("document.querySelector('#pause').click()")
    choose(page, "Resume")
    give(page, "appserver goes on")
    page.wait("document.querySelector('#pause').textContent === 'Pause'")


def test_by_the_keyboard_alone(lb, open_page):
    page = is_live(open_page(lb, SERVICE))
    page.wait(f"{ENDPOINTS}.length === 2")
    for _ in range(40):
        page.press("Tab")
        if page.run("document.activeElement.textContent === 'Orders'"):
            break
    assert page.run("document.activeElement.getAttribute('aria-label')") == "Orders for app1"
    page.press_enter()
    page.wait("document.activeElement.type === 'radio'")
    page.press("Escape")
    page.wait("!document.querySelector('#order').open && document.activeElement.textContent === 'Orders'")  # where it came from
    page.press_enter()
    page.wait("document.activeElement.type === 'radio'")
    page.press("ArrowDown")
    page.wait("document.querySelector('#give').textContent === 'Disable'")
    page.press_enter()
    page.wait("document.activeElement.id === 'undo'")
    state_of(page, "app1", "disabled")
    page.press_enter()
    state_of(page, "app1", "ready")
    page.wait("document.activeElement.id === 'dismiss'")
    page.press_enter()
    assert page.run("document.querySelector('#toast').hidden")


def test_with_a_token(start_two, open_page, tmp_path):
    (tmp_path / "token").write_text(TOKEN)
    (tmp_path / "token").chmod(0o600)
    page = open_page(start_two(f"--admin-token-file={tmp_path / 'token'}"), SERVICE)
    page.wait("document.activeElement.id === 'token'")
    page.type(TOKEN)
    page.press_enter()
    is_live(page)
    open_orders(page)
    choose(page, "Disable")
    give(page, "app1 is disabled")
    state_of(page, "app1", "disabled")


def test_a_refusal_is_told_in_the_dialog(lb, open_page, discovery):
    page = is_live(open_page(lb, SERVICE))
    open_orders(page)
    choose(page, "Drain")
    discovery.send()
    page.wait("document.querySelector('#summary').textContent.startsWith('No endpoint')")
    page.run("document.querySelector('#give').click()")
    page.wait("document.querySelector('#order-refused').textContent.includes('No endpoint is named')")
    assert page.run("document.querySelector('#order').open")
