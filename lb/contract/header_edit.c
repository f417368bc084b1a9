#include "lb/contract/header_edit.h"

#include "lb/base/alike.h"
#include "lb/base/shown.h"
#include "lb/contract/host_port.h"
#include "lb/contract/words.h"

#define SHOWN_BYTES_MAX 40u

/* ---- one edit -------------------------------------------------------------------------------- */

/* The verb before a blank, which no name of a field has. */
static enum header_edit_kind take_verb(struct view *item)
{
    static const struct view verbs[] = {[HEADER_EDIT_SET] = {"set ", 4},
                                        [HEADER_EDIT_ADD] = {"add ", 4},
                                        [HEADER_EDIT_REMOVE] = {"remove ", 7}};
    for (unsigned i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        if (view_starts_with(*item, verbs[i])) {
            *item = view_trim(view_skip(*item, verbs[i].len));
            return (enum header_edit_kind)i;
        }
    return HEADER_EDIT_SET;
}

bool header_edit_next(struct view *rest, struct header_edit *out)
{
    if (!rest->ptr)
        return false;
    struct view item = view_trim(view_cut(rest, '|'));
    out->kind = take_verb(&item);
    out->name = view_trim(view_cut(&item, ':'));
    out->value = item.ptr ? view_trim(item) : view_of(NULL, 0);
    return true;
}

/* ---- what cannot be touched ------------------------------------------------------------------ */

static const char framing[] = "by which lb and its neighbour tell where messages end and how "
                              "connections are used";
static const char identity[] = "by which lb says who asks, and what the log has";

static const struct {
    struct view name;
    const char *why;
    bool is_of_requests; /* alone */
} untouchable[] = {
    {VIEW("connection"), framing, false},
    {VIEW("keep-alive"), framing, false},
    {VIEW("transfer-encoding"), framing, false},
    {VIEW("content-length"), framing, false},
    {VIEW("te"), framing, false},
    {VIEW("trailer"), framing, false},
    {VIEW("upgrade"), framing, false},
    {VIEW("http2-settings"), framing, false},
    {VIEW("proxy"), framing, false},
    {VIEW("expect"), framing, true},
    {VIEW("max-forwards"), framing, true},
    {VIEW("date"), "which says when the answer was made", false},
    {VIEW("via"), "by which loops are found", false},
    {VIEW("x-forwarded-for"), identity, true},
    {VIEW("x-real-ip"), identity, true},
    {VIEW("forwarded"), identity, true},
    {VIEW("x-request-id"), identity, true},
};

static bool is_of_proxies(struct view name)
{
    return name.len > 6 && alike_are(view_of(name.ptr, 6), VIEW("proxy-"));
}

/* NULL: it can be. */
static const char *why_untouchable(struct view name, enum header_edit_of of)
{
    for (size_t i = 0; i < sizeof(untouchable) / sizeof(untouchable[0]); i++)
        if (alike_are(name, untouchable[i].name) &&
            !(untouchable[i].is_of_requests && of == HEADER_EDIT_OF_RESPONSE))
            return untouchable[i].why;
    return is_of_proxies(name) ? framing : NULL;
}

/* ---- whether it is one ----------------------------------------------------------------------- */

static bool is_clean(struct view value)
{
    for (size_t i = 0; i < value.len; i++)
        if (((unsigned char)value.ptr[i] < ' ' && value.ptr[i] != '\t') || value.ptr[i] == 0x7F)
            return false;
    return true;
}

/* The name of a field, or else what is there in place of it. */
static void append_name(struct view name, struct text *problem)
{
    size_t len = name.len < SHOWN_BYTES_MAX ? name.len : SHOWN_BYTES_MAX;
    shown_append(problem, view_of(name.ptr, len));
    text_append_str(problem, len < name.len ? "..." : "");
}

static const char *fault_of(const struct header_edit *edit, enum header_edit_of of)
{
    bool is_removed = edit->kind == HEADER_EDIT_REMOVE;
    if (!words_is_token(edit->name))
        return "which is no name of a header field";
    if (is_removed && edit->value.ptr)
        return "which is removed and has a value";
    if (!is_removed && edit->value.len == 0)
        return "which has no value; write remove before it to take it away";
    if (!is_clean(edit->value))
        return "whose value has a control character";
    if (of != HEADER_EDIT_OF_REQUEST || !alike_are(edit->name, VIEW("host")))
        return why_untouchable(edit->name, of);
    if (edit->kind != HEADER_EDIT_SET || edit->name.len != 4)
        return "which can be set only";
    return host_port_is(edit->value) ? NULL : "whose value is no host";
}

bool header_edit_check(struct view value, enum header_edit_of of, struct text *problem)
{
    struct view rest = value;
    struct header_edit edit;
    unsigned count = 0;
    for (; header_edit_next(&rest, &edit); count++) {
        const char *fault = fault_of(&edit, of);
        if (edit.name.len == 0) {
            text_append_str(problem, "has an edit without a field");
            return false;
        }
        if (fault) {
            text_append_str(problem, "touches ");
            append_name(edit.name, problem);
            text_appendf(problem, ", %s", fault);
            return false;
        }
    }
    if (count > HEADER_EDITS_MAX)
        text_appendf(problem, "has more than %u edits", HEADER_EDITS_MAX);
    return count <= HEADER_EDITS_MAX;
}
