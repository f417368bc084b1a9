/* What a label asks of a route: a letter for the word (a: allow, and so on), its value, and behind a line
 * feed the target of a request. What holds: a value that is not taken has a sentence that names the word;
 * one that is taken makes a rule. An edited head is one well-formed message, framed as before, whose
 * other fields are those that stay and those that were written; a redirect gives a URL of http or a path
 * of this host, without a host that the request's path has put there; a replaced path begins with a
 * slash and leads nowhere up. */
#include <stdlib.h>

#include "lb/contract/header_edit.h"
#include "lb/contract/url_path.h"
#include "lb/http/chars.h"
#include "lb/http/head_edit.h"
#include "lb/route/relocation.h"
#include "lb/route/rule_box.h"
#include "lb/route/swapping.h"
#include "tests/fuzz/support/message.h"
#include "tests/fuzz/support/target.h"

#define REQUEST                                                                                    \
    "PUT / HTTP/1.1\r\nHost: a.test\r\nX-A: 1\r\nCookie: a\r\nx-a: 2\r\nContent-Length: 7\r\n"     \
    "X-Forwarded-For: 192.0.2.7\r\nVia: 1.1 lb\r\n\r\n"
#define RESPONSE                                                                                   \
    "HTTP/1.1 200 OK\r\nServer: s\r\nX-A: 1\r\nSet-Cookie: a\r\nx-a: 2\r\nContent-Length: "        \
    "7\r\n\r\n"

/* ---- heads ----------------------------------------------------------------------------------- */

/* How many fields of that name the head has. */
static unsigned count_of(const struct head *head, struct view name)
{
    unsigned count = 0;
    for (unsigned i = 0; i < head->field_count; i++)
        count += view_eq_nocase(head_field_name(head, &head->fields[i]), name);
    return count;
}

/* What one after the other makes of them. */
static unsigned expected_count(struct view value, struct view name, unsigned before)
{
    struct header_edit edit;
    while (header_edit_next(&value, &edit)) {
        if (!view_eq_nocase(edit.name, name))
            continue;
        if (edit.kind == HEADER_EDIT_ADD)
            before++;
        else
            before = edit.kind == HEADER_EDIT_SET;
    }
    return before;
}

static unsigned names_count(struct view value)
{
    unsigned count = 0;
    for (struct header_edit edit; header_edit_next(&value, &edit);)
        count++;
    return count;
}

static void check_fields(const struct head *was, const struct head *is, struct view value)
{
    for (unsigned i = 0; i < was->field_count; i++) {
        struct view name = head_field_name(was, &was->fields[i]);
        TARGET_CHECK(count_of(is, name) == expected_count(value, name, count_of(was, name)));
    }
    for (unsigned i = 0; i < is->field_count; i++) {
        struct view name = head_field_name(is, &is->fields[i]);
        TARGET_CHECK(count_of(is, name) == expected_count(value, name, count_of(was, name)));
    }
    TARGET_CHECK(is->field_count <= was->field_count + names_count(value));
    TARGET_CHECK(is->framing == was->framing && is->content_length == was->content_length);
    TARGET_CHECK(is->is_keep_alive == was->is_keep_alive);
}

static void check_edit(bool is_request, const struct treatment_edits *edits, struct view value)
{
    const struct parser_limits limits = {
        .max_head_bytes = 65536, .max_target_bytes = 8192, .max_field_count = 100};
    struct parser_setup setup;
    const struct head_edit edit = {.cut_names = edits->cut_names,
                                   .cut_count = edits->cut_count,
                                   .cuts_alike = is_request,
                                   .lines = edits->lines};
    struct view head = is_request ? VIEW(REQUEST) : VIEW(RESPONSE);
    struct block_pool blocks = {0};
    struct parser before, after;
    struct block *out = block_take(&blocks, head.len + edit.lines.len);
    parser_setup_init(&setup, is_request ? PARSER_REQUEST : PARSER_RESPONSE, &limits);
    message_check_head(&setup, &before, false, head);
    head_edit_write(&edit, head, out);
    message_check_head(&setup, &after, false, block_view(out));
    check_fields(&before.head, &after.head, value);
    parser_fini(&before);
    parser_fini(&after);
    block_give(&blocks, out);
    block_pool_fini(&blocks);
}

/* ---- targets --------------------------------------------------------------------------------- */

static void check_location(struct view location)
{
    for (size_t i = 0; i < location.len; i++)
        TARGET_CHECK((unsigned char)location.ptr[i] > ' ' && (unsigned char)location.ptr[i] < 0x7F);
    if (view_starts_with(location, VIEW("/"))) {
        TARGET_CHECK(location.len < 2 || !strchr("/\\", location.ptr[1]));
        return;
    }
    ptrdiff_t colon = view_find(location, ':');
    struct view scheme = view_of(location.ptr, colon < 0 ? 0 : (size_t)colon);
    TARGET_CHECK(view_eq_nocase(scheme, VIEW("http")) || view_eq_nocase(scheme, VIEW("https")));
    TARGET_CHECK(view_starts_with(view_skip(location, scheme.len), VIEW("://")));
}

/* No host comes out that has what stands only in the path. */
static void check_host(struct view location, struct view target)
{
    size_t at = 0;
    struct view mark = VIEW("/evil.");
    if (!view_starts_with(target, mark) || location.ptr[0] == '/')
        return;
    while (at < location.len && location.ptr[at] != ':')
        at++;
    for (at += 3; at < location.len && !strchr("/?#", location.ptr[at]); at++)
        TARGET_CHECK(!view_starts_with(view_skip(location, at), VIEW("evil.")));
}

static bool has(struct view text, struct view piece)
{
    for (size_t i = 0; i + piece.len <= text.len; i++)
        if (view_starts_with(view_skip(text, i), piece))
            return true;
    return false;
}

static void check_redirect(const struct treatment_redirect *redirect, struct view target,
                           struct pattern_scratch *scratch, struct view value)
{
    const struct relocation of = {
        .scheme = VIEW("http"), .host = VIEW("a.test"), .target = target, .scratch = scratch};
    struct view location = VIEW("");
    char *room = malloc(relocation_bound(&of));
    TARGET_CHECK(room);
    if (relocation_find(redirect, &of, room, &location) == RELOCATION_MADE) {
        TARGET_CHECK(location.len > 0 && location.len <= RELOCATION_BYTES_MAX);
        check_location(location);
        if (!has(value, VIEW("evil")))
            check_host(location, target);
    }
    free(room);
}

static void check_swap(const struct treatment_swap *swap, struct view target,
                       struct pattern_scratch *scratch)
{
    struct view path, out;
    char *normal = malloc(target.len + 1), *room = malloc(SWAPPING_ROOM_BYTES);
    TARGET_CHECK(normal && room);
    struct view query = target;
    enum url_path_change change = url_path_normalise(view_cut(&query, '?'), normal, &path);
    if (change != URL_PATH_REFUSED &&
        swapping_find(swap, path, scratch, room, &out) == SWAPPING_MADE) {
        TARGET_CHECK(out.len > 0 && out.ptr[0] == '/');
        TARGET_CHECK(!has(out, VIEW("/../")) && !has(out, VIEW("?")) && !has(out, VIEW("\n")));
    }
    free(normal);
    free(room);
}

/* ---- the option ------------------------------------------------------------------------------ */

static void check_rule(const struct route_option *option, struct view target)
{
    const struct route route = {.service = VIEW("s"), .options = option, .option_count = 1};
    struct pattern_scratch *scratch = pattern_scratch_new();
    struct regexes regexes = {0};
    struct rule_box *box = rule_box_new(&route, &regexes, NULL);
    TARGET_CHECK(box && !box->rule.is_plain && box->rule.treatment);
    const struct treatment *treatment = box->rule.treatment;
    if (treatment->request_edits.are_given)
        check_edit(true, &treatment->request_edits, option->value);
    if (treatment->response_edits.are_given)
        check_edit(false, &treatment->response_edits, option->value);
    if (treatment->redirect)
        check_redirect(treatment->redirect, target, scratch, option->value);
    if (treatment->swap)
        check_swap(treatment->swap, target, scratch);
    rule_box_unref(box);
    regexes_fini(&regexes);
    pattern_scratch_free(scratch);
}

static bool is_target(struct view text)
{
    return text.len > 0 && text.ptr[0] == '/' && chars_are_target(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || data[0] < 'a' || data[0] >= 'a' + ROUTE_OPTION_COUNT)
        return 0;
    struct view rest = view_of((const char *)data + 1, size - 1);
    struct view value = view_cut(&rest, '\n');
    const struct route_option option = {(enum route_option_kind)(data[0] - 'a'), value};
    struct text problem = TEXT_INIT;
    if (route_option_check(&option, &problem))
        check_rule(&option, is_target(rest) ? rest : VIEW("/evil.test/x?y"));
    else
        TARGET_CHECK(
            view_starts_with(text_view(&problem), view_str(route_option_word(option.kind))));
    text_fini(&problem);
    return 0;
}
