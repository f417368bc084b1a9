#include "lb/report/incident.h"

#include "lb/report/field.h"

#define TRACE_DIGITS 32u

static const char *const phase_words[] = {
#define X(word) #word,
    REPORT_PHASE_WORDS
#undef X
};

const char *incident_phase_word(enum incident_phase phase)
{
    return phase_words[phase];
}

/* A word that the next lb may have and this one not is one, too. */
static bool is_kind(struct view word)
{
    if (word.len == 0 || word.len > INCIDENT_KIND_BYTES_MAX)
        return false;
    for (size_t i = 0; i < word.len; i++)
        if (!(word.ptr[i] >= 'a' && word.ptr[i] <= 'z') && word.ptr[i] != '_')
            return false;
    return true;
}

static bool read_phase(struct view word, enum incident_phase *out)
{
    for (unsigned phase = 0; phase < sizeof(phase_words) / sizeof(phase_words[0]); phase++) {
        if (view_eq(word, view_str(phase_words[phase]))) {
            *out = (enum incident_phase)phase;
            return true;
        }
    }
    return false;
}

static bool is_trace_id(struct view id)
{
    bool is_zero = true;
    if (id.len != TRACE_DIGITS)
        return false;
    for (size_t i = 0; i < id.len; i++) {
        char c = id.ptr[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
            return false;
        is_zero = is_zero && c == '0';
    }
    return !is_zero;
}

/* Before the first of these. */
static struct view before(struct view text, const char *ends)
{
    size_t len = 0;
    while (len < text.len && !strchr(ends, text.ptr[len]))
        len++;
    return view_of(text.ptr, len);
}

/* What stands between // and @ is nobody's business: such a URL is left out from there on. */
static struct view plain_url(struct view url, bool has_query)
{
    const char *slashes = url.len > 0 ? memmem(url.ptr, url.len, "//", 2) : NULL;
    if (!has_query)
        url = before(url, "?#");
    if (slashes && slashes + 2 <= url.ptr + url.len) {
        struct view rest = view_skip(url, (size_t)(slashes + 2 - url.ptr));
        if (view_find(before(rest, "/?#"), '@') >= 0)
            url.len = (size_t)(slashes - url.ptr);
    }
    return url;
}

static void read_container(const json_t *container, struct incident *out)
{
    out->container_name = field_text(container, "name");
    out->container_id = field_text(container, "id");
    out->container_image = field_text(container, "image");
}

bool incident_read(const json_t *object, uint64_t wall_ns, bool has_queries, struct incident *out)
{
    const json_t *extra = json_object_get(object, "extra");
    struct view trace_id = field_text(object, "trace_id");
    *out = (struct incident){
        .kind = field_text(object, "kind"),
        .message = field_text(object, "message"),
        .subject = field_text(object, "subject"),
        .service = field_text(object, "service"),
        .endpoint = field_text(object, "endpoint"),
        .host = field_text(object, "host"),
        .url = plain_url(field_text(object, "url"), has_queries),
        .level = field_level(object, SENTRY_ERROR),
        .timestamp_ns = field_timestamp(object, wall_ns),
        .extra = json_is_object(extra) ? extra : NULL,
    };
    if (!is_kind(out->kind) || out->message.len == 0 ||
        !read_phase(field_text(object, "phase"), &out->phase))
        return false;
    if (is_trace_id(trace_id))
        out->trace_id = trace_id;
    if (out->phase == INCIDENT_PHASE_ended)
        out->level = SENTRY_INFO;
    out->has_lasted = field_number(object, "lasted_seconds", &out->lasted_seconds);
    read_container(json_object_get(object, "container"), out);
    return true;
}
