"""The pages say what is known, never more, and answer whatever is typed."""

import csv
import html
import io
import logging
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from directory.app import create_app
from directory.choosing.matching.criteria import Criterion
from directory.choosing.matching.service import match
from directory.homes import labels
from directory.records.samples.service import sample_homes
from directory.security.rights.roles import Role
from federation import reading
from tests.directory.people import form_token, signed_in
from tests.directory.visiting import row, title_of, words_of
from tests.directory.worlds import KENT, a_home, consortium

# --- Searching ------------------------------------------------------------------------------------


def test_the_start_leads_to_the_search(visitor: FlaskClient) -> None:
    answer = visitor.get("/")
    assert answer.status_code == 200
    assert re.search(r'href="/homes"[^>]*>\s*Find a home', answer.text)


def test_results_state_how_many_and_in_which_order(visitor: FlaskClient) -> None:
    shown = words_of(visitor.get("/homes"))
    assert "26 homes" in shown
    assert "In the order: authority A to Z ; where that is alike, by URN. Page 1 of 2." in shown
    assert "In the order: best match ; where" in words_of(visitor.get("/homes?words=rowan"))


def test_a_card_says_what_is_known_and_by_whom(visitor: FlaskClient) -> None:
    answer = visitor.get("/homes?words=rowan")
    assert row(answer, "Area") == "Kent, South East"
    assert row(answer, "Provider") == "Acorn Care Ltd"
    assert row(answer, "Places") == "4"
    assert row(answer, "Ofsted judgement").startswith("Good, inspected on 3 March 2026")
    assert row(answer, "Cares for") == "Girls, 10 to 16 years Autism Mental health"
    assert row(answer, "Vouched for by") == "Node kent-node, since 20 November 2026"


def test_what_is_unknown_is_never_shown_as_no(visitor: FlaskClient) -> None:
    answer = visitor.get("/homes?words=2654321")
    assert "Name not published , URN 2654321" in words_of(answer)
    assert row(answer, "Provider") == "Not known"
    assert row(answer, "Places") == "Not known"
    assert row(answer, "Ofsted judgement").startswith("Not yet inspected")
    assert row(answer, "Cares for") == labels.NOT_DESCRIBED
    assert "Registration suspended" in words_of(answer)


def test_homes_without_a_description_are_not_passed_over_in_silence(visitor: FlaskClient) -> None:
    shown = words_of(visitor.get("/homes?words=autism"))
    assert "24 homes that fit your other filters are not yet described" in shown


@pytest.mark.parametrize(
    ("urn", "link"),
    [
        ("SC100001", "https://reports.ofsted.gov.uk/provider/2/SC100001"),
        ("2654321", "https://reports.ofsted.gov.uk/provider/2/2654321"),
        ("SC100007", "https://reports.ofsted.gov.uk/search?q=SC100007"),
        ("SAMPLE-E10000016-001", None),
    ],
)
def test_ofsted_is_linked_for_real_homes_only(
    visitor: FlaskClient, urn: str, link: str | None
) -> None:
    for address in (f"/homes?words={urn}", f"/homes/{urn}") if link else (f"/homes/{urn}",):
        links = re.findall(r'href="(https?://[^"]*)"', visitor.get(address).text)
        assert links == ([link] if link else [])


def test_filters_in_force_can_each_be_removed(visitor: FlaskClient) -> None:
    page = visitor.get(f"/homes?words=rowan&authority={KENT}&min_places=2").text
    links = {
        " ".join(re.sub(r"<[^>]*>", " ", inner).split()): html.unescape(address)
        for address, inner in re.findall(
            r'<a class="app-chosen__remove" href="([^"]*)">(.*?)</a>', page, flags=re.DOTALL
        )
    }
    assert links == {
        "Remove Words: rowan": f"/homes?authority={KENT}&min_places=2",
        "Remove Authority: Kent": "/homes?words=rowan&min_places=2",
        "Remove Places: 2 or more": f"/homes?words=rowan&authority={KENT}",
    }


def test_only_places_with_homes_are_offered(visitor: FlaskClient) -> None:
    page = visitor.get("/homes").text
    assert f'<option value="{KENT}"' in page
    assert "Lewisham" not in page
    assert [region for region in ("South East", "London") if f">{region} (" in page] == [
        "South East"
    ]


def test_beside_each_choice_stands_how_many_homes_it_leaves(visitor: FlaskClient) -> None:
    page = visitor.get("/homes?judgement=Good").text
    chosen = re.findall(r"<option value=[^>]*>([^<]*)</option>", page)
    assert {"Good (1)", "Not yet inspected (25)", "Outstanding (0)", "Autism (1)"} <= set(chosen)
    links = re.findall(r'href="([^"]*)">(\d+ or more \(\d+\))<', visitor.get("/homes").text)
    assert [text for _, text in links] == [
        *("2 or more (2)", "3 or more (2)", "4 or more (2)", "5 or more (1)", "6 or more (1)")
    ]
    assert links[2][0] == "/homes?min_places=4"


def post(visitor: FlaskClient, address: str = "/homes", **typed: str) -> TestResponse:
    """What a browser shows that posts the form of a search."""
    data = {"csrf_token": form_token(visitor, "/homes"), **typed}
    while (answer := visitor.post(address, data=data)).status_code == 307:
        address = answer.location or ""
    return visitor.get(answer.location or "") if answer.status_code == 303 else answer


@pytest.mark.parametrize("typed", ["Lewisham", "lewisham", "SE13", "se13 7ab"])
def test_homes_are_shown_by_how_far_they_are(visitor: FlaskClient, typed: str) -> None:
    answer = post(visitor, words="SC100005", near=typed)
    shown = words_of(answer)
    assert "In the order: nearest first" in shown
    name = "Lewisham" if typed.lower() == "lewisham" else "SE13"
    far = re.findall(rf"(\S+ \S+ \S+ miles) from {name}", shown)
    assert far == ["20 to 50 miles", "100 to 200 miles"]
    assert "7AB" not in answer.text.upper()


# --- What could describe a child ------------------------------------------------------------------


def test_a_form_is_answered_by_the_address_of_its_filters(visitor: FlaskClient) -> None:
    answer = post(visitor, region="South East", near="Lewisham", min_places="")
    asked = {"region": "South East", "near": "E09000023"}
    assert (answer.request.method, answer.request.args.to_dict()) == ("GET", asked)


def test_postcodes_are_posted_and_stand_in_no_address_or_log(
    visitor: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = post(visitor, region="South East", near="SE13 7AB", away="LS6, ME14")
    assert answer.status_code == 200
    assert answer.request.method == "POST"
    assert answer.request.args.to_dict() == {"region": "South East"}
    assert title_of(answer) == "Children’s homes – none found – Commonhearth"
    addresses = re.findall(r'(?:href|action|formaction)="([^"]*)"', answer.text)
    assert not [one for one in addresses if re.search("SE13|LS6|ME14", one)]
    assert not re.search("SE13|LS6|ME14", caplog.text)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("near", ["SE13", "se13 7ab", "ZZ9 9ZZ"])
def test_a_postcode_in_an_address_is_refused_and_goes_no_further(
    visitor: FlaskClient, near: str
) -> None:
    answer = visitor.get("/homes", query_string={"near": near, "words": "rowan"})
    assert answer.status_code == 400
    assert 'value="rowan"' in answer.text
    assert near not in answer.text


def test_what_could_describe_a_child_stays_in_no_memory_of_what_was_shown(
    visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[str] = []
    made_once = visitor.application.jinja_env.globals["made_once"]

    def watched(*asked: object) -> str:
        kept.append(f"{asked} {made_once(*asked)}")
        return str(made_once(*asked))

    monkeypatch.setitem(visitor.application.jinja_env.globals, "made_once", watched)
    assert "miles from SE13" in words_of(post(visitor, words="SC100005", near="SE13", away="LS6"))
    assert kept
    assert not [one for one in kept if "SE13" in one or "LS6" in one]


def test_homes_are_left_out_where_a_child_is_kept_away(visitor: FlaskClient) -> None:
    shown = words_of(post(visitor, words="SC100005"))
    assert "Kent, South East" in shown
    assert "Leeds, Yorkshire" in shown
    shown = words_of(post(visitor, words="SC100005", away="ls6 1ab, ls6"))
    assert "Leeds, Yorkshire" not in shown
    assert "Away from: LS6" in shown
    shown = words_of(post(visitor, words="SC100005", away="SE13, Wakefield"))
    assert "Leeds, Yorkshire and The Humber borders on where to keep away from" in shown


def test_a_whole_authority_can_be_kept_away_from_whatever_its_name(visitor: FlaskClient) -> None:
    answer = post(visitor, words="SC100005", away="Leeds City Council, bristol, city of, LS6")
    assert "Leeds, Yorkshire" not in words_of(answer)
    assert "Away from: Leeds; Bristol; LS6" in words_of(answer)
    assert "bristol" not in answer.request.query_string.decode().lower()
    shown = words_of(post(visitor, away="Bournemouth, Christchurch and Poole, Leeds"))
    assert "Away from: Bournemouth, Christchurch and Poole; Leeds" in shown


def test_what_is_posted_goes_along_to_other_pages_and_back_from_a_home(
    visitor: FlaskClient,
) -> None:
    posted = {"near": "SE13", "away": "LS6"}
    assert "Page 2 of 2." in words_of(post(visitor, "/homes?page=2", **posted))
    assert "Page 2 of 2." in words_of(post(visitor, "/homes?page=9", **posted))
    home = post(visitor, "/homes/SC100001?page=2", **posted)
    assert 'formaction="/homes?page=2#home-SC100001"' in home.text
    left = post(visitor, "/homes?region=South+East", **posted, without="near")
    assert "Away from: LS6" in words_of(left)
    assert "Nearest to: SE13" not in words_of(left)
    left = post(visitor, "/homes?region=South+East", away="LS6", without="away")
    assert left.request.method == "GET"


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("near", "Atlantis", "Enter an authority, or the first half of a postcode, such as LS6"),
        ("near", "ZZ99", "Enter an authority, or the first half of a postcode, such as LS6"),
        ("near", "LS6 9QQ", "This postcode does not exist."),
        ("near", "BT1 5GS", "This postcode is in Northern Ireland"),
        ("away", "LS6, BT1", "One of them: This postcode is in Northern Ireland"),
        ("away", "LS6 9QQ", "This postcode does not exist."),
        ("away", "LS6," * 7 + "LS1", "Enter 6 places or fewer"),
    ],
)
def test_a_place_that_there_is_not_is_named_beside_its_field_and_the_rest_kept(
    visitor: FlaskClient, field: str, typed: str, said: str
) -> None:
    answer = post(visitor, **{"words": "rowan", "away": "Leeds", field: typed})
    assert answer.status_code == 400
    assert f'href="#{field}"' in answer.text
    assert said in words_of(answer)
    assert f'value="{typed}"' in answer.text
    assert 'value="rowan"' in answer.text


def test_an_authority_without_homes_is_none_and_not_an_error(visitor: FlaskClient) -> None:
    answer = visitor.get("/homes?authority=E09000023")
    assert answer.status_code == 200
    assert "Authority: Lewisham" in words_of(answer)
    assert '<option value="E09000023" selected' in answer.text


# --- Bad parameters -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("words", "x" * 201, "Search for 200 characters or fewer"),
        ("region", "Mars", "Choose a region from the list"),
        ("authority", "E99999999", "Choose an authority from the list"),
        ("provision", "Castle", "Choose a type of home from the list"),
        ("judgement", "Fine", "Choose a judgement from the list"),
        ("order", "random", "Choose an order from the list"),
        *(
            ("min_places", bad, "Places must be a whole number from 1 to 500")
            for bad in ("lots", "0", "-1", "501", "2.5", "1_0", "٣", "9" * 5000)
        ),
    ],
)
def test_a_bad_value_is_named_beside_its_field(
    visitor: FlaskClient, field: str, typed: str, said: str
) -> None:
    answer = visitor.get("/homes", query_string={"words": "rowan"} | {field: typed})
    assert answer.status_code == 400
    assert title_of(answer).startswith("Error: ")
    assert f'href="#{field}"' in answer.text
    assert said in words_of(answer)
    assert "Rowan House" not in answer.text


def test_what_was_typed_is_kept(visitor: FlaskClient) -> None:
    answer = visitor.get("/homes?words=rowan&min_places=lots&region=South+East&judgement=Good")
    assert 'value="rowan"' in answer.text
    assert 'value="lots"' in answer.text
    assert '<option value="South East" selected' in answer.text
    assert '<option value="Good" selected' in answer.text


def test_unknown_and_empty_parameters_are_ignored(visitor: FlaskClient) -> None:
    answer = visitor.get("/homes?campaign=1&words=&region=&min_places=+&page=")
    assert answer.status_code == 200
    assert "26 homes" in words_of(answer)
    assert "campaign" not in answer.text


# --- Pages of results -----------------------------------------------------------------------------


def test_pages_lead_to_each_other_and_keep_the_filters(visitor: FlaskClient) -> None:
    first = visitor.get("/homes?region=South+East")
    assert 'href="/homes?region=South+East&amp;page=2"' in first.text
    second = visitor.get("/homes?region=South+East&page=2")
    assert 'href="/homes?region=South+East"' in second.text
    assert title_of(second) == "Children’s homes – page 2 of 2 – Commonhearth"


def test_another_search_begins_on_its_first_page(visitor: FlaskClient) -> None:
    page = visitor.get("/homes?words=children&page=2").text
    assert 'class="app-chosen__remove" href="/homes"' in page
    assert '<a class="govuk-link" href="/homes">see every home' in page


def test_a_page_past_the_end_leads_to_the_last(visitor: FlaskClient) -> None:
    answer = visitor.get("/homes?region=South+East&page=99")
    assert (answer.status_code, answer.location) == (302, "/homes?region=South+East&page=2")


@pytest.mark.parametrize("page", ["0", "-1", "two", "1.5", "9" * 30])
def test_what_is_no_page_is_not_found(visitor: FlaskClient, page: str) -> None:
    assert visitor.get(f"/homes?page={page}").status_code == 404


def test_titles_tell_pages_apart(visitor: FlaskClient, empty: FlaskClient) -> None:
    addresses = ["/homes", "/homes?page=2", "/homes?words=rowan", "/homes?words=zebra"]
    addresses += ["/homes?region=Mars", "/homes/SC100001", "/homes/2654321", "/homes/SC999999"]
    titles = [title_of(visitor.get(address)) for address in (*addresses, "/nowhere")]
    titles.append(title_of(empty.get("/homes")))
    assert len(set(titles)) == len(titles)
    assert all(title.endswith(" – Commonhearth") for title in titles)


# --- Made-up homes --------------------------------------------------------------------------------


def test_made_up_homes_are_apart_from_real_ones(visitor: FlaskClient) -> None:
    assert "1 made-up home is left out, since there are real ones." in words_of(
        visitor.get("/homes")
    )
    for address in ("/homes?words=SAMPLE-E10000016-001", "/homes?profile=Not+yet+described"):
        assert "SAMPLE-" not in visitor.get(address).text.partition("<article")[2]
    assert not any("SAMPLE" in row["URN"] for row in rows_of(visitor.get("/homes.csv")))
    assert "Sample, not a real home" in visitor.get("/homes/SAMPLE-E10000016-001").text


def test_where_all_homes_are_made_up_they_are_found_and_said_to_be(tmp_path: Path) -> None:
    with consortium(tmp_path, {"kent-node": sample_homes(KENT, count=3)}) as one:
        visitor = signed_in(create_app(one.reader), Role.COMMISSIONER)
        shown = words_of(visitor.get("/homes"))
        assert "3 homes Every home here was made up" in shown
        one.publish("kent-node", [a_home("SC100001", name="Rowan House")])
        one.follow_all(one.reader)
        shown = words_of(visitor.get("/homes"))
        assert "1 home 3 made-up homes are left out" in shown
        with reading(one.reader.replica) as connection:
            found = match(connection, [Criterion("places", "9", "low")])
    assert (found.considered, found.total) == (1, 1)


# --- For a spreadsheet ----------------------------------------------------------------------------


def rows_of(answer: TestResponse) -> list[dict[str, str]]:
    assert answer.content_type == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_the_file_has_every_home_that_the_filters_leave_in_the_order_of_the_page(
    visitor: FlaskClient,
) -> None:
    address = re.search(r'href="([^"]*)">Download as CSV', visitor.get("/homes?page=2").text)
    assert address
    assert len(rows_of(visitor.get(address[1]))) == 27
    (row,) = rows_of(visitor.get("/homes.csv?judgement=Good&words=rowan"))
    assert (row["URN"], row["Needs"]) == ("SC100001", "Autism, Mental health")
    assert row["Inspected on"] == "2026-03-03"
    assert row["Cares for"].startswith("Girls, ")
    assert rows_of(visitor.get("/homes.csv?words=zebra")) == []


def test_a_file_keeps_away_from_what_is_posted_and_refuses_what_the_page_refuses(
    visitor: FlaskClient,
) -> None:
    posted = post(visitor, "/homes.csv?words=SC100005", away="LS6")
    assert [row["Authority"] for row in rows_of(posted)] == ["Kent"]
    assert "LS6" not in str(posted.headers)
    assert visitor.get("/homes.csv?near=LS6").status_code == 400


def test_a_file_runs_nothing(visitor: FlaskClient) -> None:
    rows = rows_of(visitor.get("/homes.csv?words=SC100008"))
    assert rows[0]["Name"] == "'=HYPERLINK(1)"


# --- Nothing to show ------------------------------------------------------------------------------


def test_a_node_without_homes_says_what_to_do(empty: FlaskClient) -> None:
    answer = empty.get("/homes")
    assert answer.status_code == 200
    assert "This node has not received any homes yet" in words_of(answer)
    assert "Ask the people who run this node" in words_of(answer)


def test_a_search_without_result_says_what_to_loosen(visitor: FlaskClient) -> None:
    answer = visitor.get("/homes?words=rowan&judgement=Outstanding")
    shown = words_of(answer)
    assert "No home in the directory fits all of this." in shown
    assert "1 home without “Judgement: Outstanding”" in shown
    assert "without “Words: rowan”" not in shown  # there would still be none
    assert 'href="/homes?words=rowan"' in answer.text


def test_an_authority_of_another_region_is_pointed_out(visitor: FlaskClient) -> None:
    shown = words_of(visitor.get(f"/homes?region=London&authority={KENT}"))
    assert "The authority that you chose is in South East, not in London." in shown


# --- One home -------------------------------------------------------------------------------------


def test_a_home_shows_all_that_is_known_and_who_vouches(visitor: FlaskClient) -> None:
    answer = visitor.get("/homes/SC100001")
    assert row(answer, "Type") == "Children's home"
    assert row(answer, "Needs") == "Autism Mental health"
    assert row(answer, "In the provider’s words") == "Calm and kind."
    assert row(answer, "Overall judgement") == "Good, inspected on 3 March 2026"
    assert row(answer, "Effectiveness of leaders and managers") == "Not given"
    assert row(answer, "Node") == "kent-node"
    assert row(answer, "Published") == "20 November 2026, 09:30 UTC"
    assert row(answer, "Source") == "Ofsted's list As at 31 March 2025."
    assert row(answer, "Log") == "127.0.0.1:9/kent-node/log Entry 0."


def test_a_home_that_nobody_described_says_so_and_what_that_means(visitor: FlaskClient) -> None:
    needs = row(visitor.get("/homes/2654321"), "Needs")
    assert needs == f"{labels.NOT_DESCRIBED} {labels.NOT_DESCRIBED_MEANS}"


def test_trouble_with_the_log_is_a_warning(visitor: FlaskClient) -> None:
    assert "may be out of date" in words_of(visitor.get("/homes/SC100001"))


def test_a_contested_home_shows_each_claim_and_where_they_differ(visitor: FlaskClient) -> None:
    answer = visitor.get("/homes/SC100005")
    shown = words_of(answer)
    assert "Contested: 2 nodes claim this home." in shown
    assert "As node kent-node says" in shown
    assert "As node leeds-node says" in shown
    differing = re.findall(
        r'app-differs[^"]*">\s*<dt[^>]*>([^<]*)</dt>', answer.text, flags=re.DOTALL
    )
    assert sorted(set(differing)) == ["Area", "Name", "Places"]


def test_the_way_back_keeps_the_search(visitor: FlaskClient) -> None:
    page = visitor.get("/homes?words=rowan&region=South+East").text
    (link,) = re.findall(r'href="(/homes/SC100001[^"]*)"', page)
    home = visitor.get(html.unescape(link)).text
    assert 'href="/homes?words=rowan&amp;region=South+East#home-SC100001"' in home
    assert 'id="home-SC100001"' in page


def test_no_two_things_on_a_page_have_one_id(visitor: FlaskClient) -> None:
    for address in ("/homes?words=SC100005", "/homes/SC100005"):
        ids = re.findall(r'\sid="([^"]*)"', visitor.get(address).text)
        assert len(set(ids)) == len(ids)


def test_the_way_back_leads_nowhere_else(visitor: FlaskClient) -> None:
    page = visitor.get("/homes/SC100001?page=x&region=https://evil.example&next=//evil.example")
    assert page.status_code == 200
    assert "evil.example" not in page.text


def test_an_unknown_home_is_not_found(visitor: FlaskClient) -> None:
    answer = visitor.get("/homes/SC999999?words=rowan")
    assert answer.status_code == 404
    assert "No home with the URN SC999999" in words_of(answer)
    assert 'href="/homes?words=rowan"' in answer.text


def test_a_urn_in_small_letters_leads_to_the_home(visitor: FlaskClient) -> None:
    answer = visitor.get("/homes/sc100001?words=rowan")
    assert (answer.status_code, answer.location) == (302, "/homes/SC100001?words=rowan")


# --- History --------------------------------------------------------------------------------------


def test_the_history_of_a_home_says_who_said_what_and_in_which_log(visitor: FlaskClient) -> None:
    answer = visitor.get("/homes/SC100001/history")
    assert answer.status_code == 200
    shown = words_of(answer)
    assert "As node kent-node said on 20 November 2026, 09:30 UTC" in shown
    assert "Current" in shown
    assert row(answer, "Provider") == "Acorn Care Ltd"
    assert "/log" in row(answer, "Log")
    assert "Entry" in row(answer, "Log")


def test_what_nobody_ever_said_has_no_history(visitor: FlaskClient) -> None:
    assert visitor.get("/homes/SC999999/history").status_code == 404
    assert visitor.get("/homes/%22;--/history").status_code == 404
    assert "/homes/SC999999/history" in visitor.get("/homes/SC999999").text
