#include "lb/http/trace_context.h"

#include "lb/base/sixteen.h"
#include "lb/http/hex.h"

#define VERSION_BYTES 2
#define SPAN_BYTES    16
#define FLAGS_BYTES   2

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static bool are_two_hex(struct view digits)
{
    return is_hex(digits.ptr[0]) && is_hex(digits.ptr[1]);
}

static sixteen strangers_to_hex(sixteen octets)
{
    sixteen digits = (octets >= '0') & (octets <= '9');
    sixteen letters = (octets >= 'a') & (octets <= 'f');
    return ~(digits | letters);
}

/* Its length is a multiple of sixteen. */
static bool is_id(struct view digits)
{
    sixteen_halves strangers = {0}, others = {0}; /* than '0' */
    for (size_t at = 0; at < digits.len; at += sizeof(strangers)) {
        sixteen octets = sixteen_of(digits, at);
        strangers |= (sixteen_halves)strangers_to_hex(octets);
        others |= (sixteen_halves)(octets != '0');
    }
    return !sixteen_has(strangers) && sixteen_has(others);
}

/* Cuts so many bytes off. False: there are fewer. */
static bool take(struct view *rest, size_t len, struct view *part)
{
    if (rest->len < len)
        return false;
    *part = view_of(rest->ptr, len);
    *rest = view_skip(*rest, len);
    return true;
}

static bool take_dash(struct view *rest)
{
    struct view dash;
    return take(rest, 1, &dash) && dash.ptr[0] == '-';
}

struct view trace_context_of_parent(struct view value)
{
    struct view none = view_of(NULL, 0), version, id, span, flags;
    bool is_formed = take(&value, VERSION_BYTES, &version) && take_dash(&value) &&
                     take(&value, TRACE_CONTEXT_ID_BYTES, &id) && take_dash(&value) &&
                     take(&value, SPAN_BYTES, &span) && take_dash(&value) &&
                     take(&value, FLAGS_BYTES, &flags);
    if (!is_formed || !are_two_hex(version) || !is_id(id) || !is_id(span) || !are_two_hex(flags))
        return none;
    if (view_eq(version, VIEW("ff")))
        return none;
    bool may_go_on = !view_eq(version, VIEW("00")) && value.len > 0 && value.ptr[0] == '-';
    return value.len == 0 || may_go_on ? id : none;
}

struct view trace_context_of_sentry(struct view value)
{
    struct view none = view_of(NULL, 0), id, span, sampled;
    if (!take(&value, TRACE_CONTEXT_ID_BYTES, &id) || !is_id(id))
        return none;
    if (value.len == 0)
        return id;
    if (!take_dash(&value) || !take(&value, SPAN_BYTES, &span) || !is_id(span))
        return none;
    if (value.len == 0)
        return id;
    bool is_whole = take_dash(&value) && take(&value, 1, &sampled) && value.len == 0;
    return is_whole && (sampled.ptr[0] == '0' || sampled.ptr[0] == '1') ? id : none;
}

/* The one field of that id that is passed on; NULL: there is none, or there are several. */
static const struct field *only(const struct head *head, enum field_id id)
{
    const struct field *field = head_find(head, id);
    return field && !field->is_dropped && !head_has_several(head, id) ? field : NULL;
}

struct trace_context trace_context_find(const struct head *head)
{
    struct trace_context found = {.field = only(head, FIELD_TRACEPARENT)};
    if (found.field)
        found.id = trace_context_of_parent(head_field_value(head, found.field));
    if (found.id.len > 0)
        return found;
    found.field = only(head, FIELD_SENTRY_TRACE);
    if (found.field)
        found.id = trace_context_of_sentry(head_field_value(head, found.field));
    return found.id.len > 0 ? found : (struct trace_context){0};
}

static struct view make_id(struct rng *rng, char id[TRACE_CONTEXT_ID_BYTES])
{
    hex_put_random(id, rng_next(rng));
    hex_put_random(id + HEX_U64_DIGITS, rng_next(rng)); /* never both zero: no two alike follow */
    return view_of(id, TRACE_CONTEXT_ID_BYTES);
}

/* What sentry-trace says by its last digit. Without it the trace is to be recorded: lb's log does so, and
 * a backend's tracer that follows its parent, as they do unless told otherwise, would drop all it
 * has. */
static struct view flags_of(const struct head *head, const struct trace_context *found)
{
    struct view value = found->field ? head_field_value(head, found->field) : view_of(NULL, 0);
    bool is_declined =
        value.len > TRACE_CONTEXT_ID_BYTES + 1 + SPAN_BYTES && value.ptr[value.len - 1] == '0';
    return is_declined ? VIEW("-00") : VIEW("-01");
}

struct view trace_context_put(const struct head *head, const struct trace_context *found,
                              struct rng *rng, struct head_writer *writer)
{
    char made[TRACE_CONTEXT_ID_BYTES], span[SPAN_BYTES];
    head_writer_name(writer, VIEW("traceparent"));
    head_writer_put(writer, VIEW("00-"));
    struct view id = view_of(writer->at, TRACE_CONTEXT_ID_BYTES);
    head_writer_put(writer, found->field ? found->id : make_id(rng, made));
    head_writer_put(writer, VIEW("-"));
    hex_put_random(span, rng_next(rng) | 1); /* not zero */
    head_writer_put(writer, view_of(span, sizeof(span)));
    head_writer_put(writer, flags_of(head, found));
    head_writer_end_line(writer);
    return id;
}
