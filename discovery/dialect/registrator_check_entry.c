#include "discovery/dialect/registrator_check_entry.h"

#include <stdio.h>
#include <stdlib.h>

#include "discovery/clean.h"
#include "discovery/go_duration.h"
#include "discovery/dialect/registrator.h"
#include "lb/base/address.h"
#include "lb/base/memory.h"

#define WORD_BYTES         64
#define REMARK_BYTES_MAX   400
#define PATH_BYTES_MAX     1024u
#define METHOD_BYTES_MAX   16u
#define TEXT_BYTES_MAX     256u
#define INTERVAL_DEFAULT   "10s"
#define TIMEOUT_DEFAULT_MS 10000u

struct reading {
    const struct registrator_check_subject *subject;
    struct text *remark;
    struct registrator_check_entry *out;
};

/* ---- words ---------------------------------------------------------------------------------- */

/* A word for the port before the one for all of them. `word` gets what it is called. "": neither. */
static const char *find_for(const struct statement_source *source, uint16_t port, const char *what,
                            char word[WORD_BYTES])
{
    snprintf(word, WORD_BYTES, "SERVICE_%u_CHECK_%s", port, what);
    const char *value = registrator_find(source, word);
    if (value[0] != '\0')
        return value;
    snprintf(word, WORD_BYTES, "SERVICE_CHECK_%s", what);
    return registrator_find(source, word);
}

static const char *find(const struct reading *reading, const char *what, char word[WORD_BYTES])
{
    return find_for(&reading->subject->from, reading->subject->port, what, word);
}

static bool is_said(const struct reading *reading, const char *what)
{
    char word[WORD_BYTES];
    return find(reading, what, word)[0] != '\0';
}

static void tell(const struct reading *reading, const char *sentence)
{
    struct text *remark = reading->remark;
    if (remark->len < REMARK_BYTES_MAX && !strstr(text_str(remark), sentence))
        text_appendf(remark, "%s%s", remark->len > 0 ? "; " : "", sentence);
}

static void complain(const struct reading *reading, const char *word, const char *value,
                     const char *accepted)
{
    char *sentence = statement_complain(word, view_str(value), accepted);
    tell(reading, sentence);
    free(sentence);
}

/* ---- values --------------------------------------------------------------------------------- */

static bool is_path(const char *value)
{
    size_t len = strlen(value);
    for (size_t i = 0; i < len; i++)
        if (value[i] <= ' ' || value[i] > '~')
            return false;
    return value[0] == '/' && len <= PATH_BYTES_MAX;
}

static bool is_method(const char *value)
{
    size_t len = strlen(value);
    for (size_t i = 0; i < len; i++)
        if (value[i] < 'A' || value[i] > 'Z')
            return false;
    return len <= METHOD_BYTES_MAX;
}

static bool is_status(const char *value)
{
    return strcmp(value, "passing") == 0 || strcmp(value, "warning") == 0 ||
           strcmp(value, "critical") == 0;
}

static bool is_duration(const char *value)
{
    uint64_t ms;
    return go_duration_parse(view_str(value), &ms) && ms > 0;
}

static bool is_text(const char *value)
{
    return clean_is_clean(view_str(value), TEXT_BYTES_MAX);
}

/* "" where it is unset, or cannot be used, which is told. */
static const char *read_value(const struct reading *reading, const char *what,
                              bool (*is_fine)(const char *value), const char *accepted)
{
    char word[WORD_BYTES];
    const char *value = find(reading, what, word);
    if (value[0] == '\0' || is_fine(value))
        return value;
    complain(reading, word, value, accepted);
    return "";
}

static const char *read_duration(const struct reading *reading, const char *what)
{
    return read_value(reading, what, is_duration, "a time such as 10s or 1m30s is accepted");
}

static const char *read_interval(const struct reading *reading)
{
    const char *value = read_duration(reading, "INTERVAL");
    return value[0] != '\0' ? value : INTERVAL_DEFAULT;
}

static const char *read_method(const struct reading *reading, const char *what)
{
    return read_value(reading, what, is_method, "a method such as GET or HEAD is accepted");
}

static void set(json_t *object, const char *key, const char *value)
{
    if (value[0] != '\0')
        json_object_set_new(object, key, json_string(value));
}

/* ---- kinds of checks ------------------------------------------------------------------------ */

/* Where it is asked: "10.0.0.2:80", "[fd00::2]:80". */
static const char *place_of(const struct reading *reading, char text[ADDRESS_TEXT_BYTES])
{
    struct address address;
    text[0] = '\0';
    if (address_parse_ip(view_str(reading->subject->address), reading->subject->outer, &address))
        address_format(&address, text);
    return text;
}

/* What the agent asks by itself, every so often. */
static json_t *begin(const struct reading *reading)
{
    json_t *check = json_object();
    set(check, "Interval", read_interval(reading));
    set(check, "Timeout", read_duration(reading, "TIMEOUT"));
    reading->out->definition = check;
    return check;
}

static void skip_verify(const struct reading *reading, json_t *check)
{
    if (is_said(reading, "TLS_SKIP_VERIFY") || is_said(reading, "GRPC_TLS_SKIP_VERIFY"))
        json_object_set_new(check, "TLSSkipVerify", json_true());
}

/* Consul does not look into bodies. */
static void ask_for_text(const struct reading *reading, const char *path, const char *method)
{
    struct registrator_check_entry *out = reading->out;
    const char *text =
        read_value(reading, "TEXT", is_text,
                   "a text of at most 256 bytes without control characters is accepted");
    const char *timeout = read_duration(reading, "TIMEOUT");
    uint64_t ms = TIMEOUT_DEFAULT_MS;
    if (text[0] == '\0')
        return;
    out->path = memory_copy(path, strlen(path));
    out->method = method[0] != '\0' ? memory_copy(method, strlen(method)) : memory_copy("GET", 3);
    out->text = memory_copy(text, strlen(text));
    if (timeout[0] != '\0')
        go_duration_parse(view_str(timeout), &ms);
    out->timeout_ms = ms < UINT32_MAX ? (uint32_t)ms : UINT32_MAX;
    go_duration_parse(view_str(read_interval(reading)), &ms);
    out->interval_ms = ms < UINT32_MAX ? (uint32_t)ms : UINT32_MAX;
}

static void ask_url(const struct reading *reading, const char *scheme, const char *what,
                    const char *method_word)
{
    char place[ADDRESS_TEXT_BYTES];
    struct text url = TEXT_INIT;
    const char *path =
        read_value(reading, what, is_path, "a path such as /health, without spaces, is accepted");
    const char *method = read_method(reading, method_word);
    if (path[0] == '\0')
        return;
    if (strcmp(scheme, "http") == 0)
        ask_for_text(reading, path, method);
    else if (is_said(reading, "TEXT"))
        tell(reading, "SERVICE_CHECK_TEXT is not looked for: it belongs to SERVICE_CHECK_HTTP");
    if (reading->out->path)
        return;
    json_t *check = begin(reading);
    text_appendf(&url, "%s://%s%s", scheme, place_of(reading, place), path);
    set(check, "HTTP", text_str(&url));
    set(check, "Method", method);
    text_fini(&url);
}

static void ask_http(const struct reading *reading, const char *word)
{
    (void)word;
    ask_url(reading, "http", "HTTP", "HTTP_METHOD");
}

static void ask_https(const struct reading *reading, const char *word)
{
    (void)word;
    ask_url(reading, "https", "HTTPS", "HTTPS_METHOD");
    if (reading->out->definition)
        skip_verify(reading, reading->out->definition);
}

static void refuse_program(const struct reading *reading, const char *word)
{
    char sentence[WORD_BYTES + 160];
    snprintf(sentence, sizeof(sentence),
             "%s is not followed: no agent runs programs that a container names; "
             "SERVICE_CHECK_HTTP, SERVICE_CHECK_TCP and HEALTHCHECK are",
             word);
    tell(reading, sentence);
}

static void ask_ttl(const struct reading *reading, const char *word)
{
    (void)word;
    const char *ttl = read_duration(reading, "TTL");
    if (ttl[0] == '\0')
        return;
    reading->out->definition = json_object();
    set(reading->out->definition, "TTL", ttl);
}

static void ask_tcp(const struct reading *reading, const char *word)
{
    char place[ADDRESS_TEXT_BYTES];
    (void)word;
    set(begin(reading), "TCP", place_of(reading, place));
}

static void ask_grpc(const struct reading *reading, const char *word)
{
    char place[ADDRESS_TEXT_BYTES];
    json_t *check = begin(reading);
    (void)word;
    set(check, "GRPC", place_of(reading, place));
    if (!is_said(reading, "GRPC_USE_TLS"))
        return;
    json_object_set_new(check, "GRPCUseTLS", json_true());
    skip_verify(reading, check);
}

/* In this order; of several the first counts. */
static const struct kind {
    const char *what;
    bool is_for_udp;
    void (*ask)(const struct reading *reading, const char *word);
} kinds[] = {
    {"HTTP", false, ask_http},        {"HTTPS", false, ask_https}, {"CMD", true, refuse_program},
    {"SCRIPT", true, refuse_program}, {"TTL", true, ask_ttl},      {"TCP", false, ask_tcp},
    {"GRPC", false, ask_grpc},
};

/* ---- all of it ------------------------------------------------------------------------------ */

/* What belongs to whichever check there is. */
static void read_rest(const struct reading *reading)
{
    struct registrator_check_entry *out = reading->out;
    const char *status = read_value(reading, "INITIAL_STATUS", is_status,
                                    "passing, warning or critical is accepted");
    const char *after = read_duration(reading, "DEREGISTER_AFTER");
    if (after[0] != '\0')
        out->deregister_after = memory_copy(after, strlen(after));
    if (!out->definition)
        return;
    set(out->definition, "Status", status);
    set(out->definition, "DeregisterCriticalServiceAfter", after);
}

void registrator_check_entry_read(const struct registrator_check_subject *subject,
                                  struct text *remark, struct registrator_check_entry *out)
{
    struct reading reading = {.subject = subject, .remark = remark, .out = out};
    char word[WORD_BYTES];
    *out = (struct registrator_check_entry){0};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if ((subject->is_udp && !kinds[i].is_for_udp) ||
            find(&reading, kinds[i].what, word)[0] == '\0')
            continue;
        kinds[i].ask(&reading, word);
        break;
    }
    read_rest(&reading);
}

bool registrator_check_entry_probes(const struct statement_source *source, uint16_t port)
{
    char word[WORD_BYTES];
    return find_for(source, port, "TEXT", word)[0] != '\0' &&
           find_for(source, port, "HTTP", word)[0] != '\0';
}

void registrator_check_entry_fini(struct registrator_check_entry *entry)
{
    json_decref(entry->definition);
    free(entry->path);
    free(entry->method);
    free(entry->text);
    free(entry->deregister_after);
    *entry = (struct registrator_check_entry){0};
}
