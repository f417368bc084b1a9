#include "lb/follow/service_reader.h"

#include <string.h>

#include "lb/base/shown.h"
#include "lb/contract/balance_rule.h"
#include "lb/contract/key.h"

#define TOLD_BYTES_MAX 1024u
#define WORD_BYTES_MAX 64u

static bool begin(const char *service, struct text *passed_over)
{
    if (passed_over->len > TOLD_BYTES_MAX)
        return false;
    text_append_str(passed_over, passed_over->len > 0 ? "; service \"" : "service \"");
    shown_append(passed_over, view_str(service ? service : ""));
    text_append_str(passed_over, "\": ");
    return true;
}

void service_reader_note(const char *service, const char *subject, struct view why,
                         struct text *passed_over)
{
    if (!begin(service, passed_over))
        return;
    shown_append(passed_over, view_str(subject));
    text_append_str(passed_over, ": ");
    shown_append(passed_over, why);
}

/* `service "app": queue "x" is …` */
static void tell(const json_t *service, const struct text *what, struct text *passed_over)
{
    if (begin(json_string_value(json_object_get(service, KEY_NAME)), passed_over))
        text_append(passed_over, text_view(what));
}

static void tell_unknown(const json_t *service, const char *word, struct text *passed_over)
{
    struct text what = TEXT_INIT;
    size_t len = strlen(word);
    text_append_str(&what, "the option \"");
    shown_append(&what, view_of(word, len < WORD_BYTES_MAX ? len : WORD_BYTES_MAX));
    text_append_str(&what, "\" is not known");
    tell(service, &what, passed_over);
    text_fini(&what);
}

static bool check(const json_t *service, enum service_option_kind kind, struct view value,
                  struct text *passed_over)
{
    struct text problem = TEXT_INIT;
    bool is_good = service_option_check(kind, value, &problem);
    if (!is_good)
        tell(service, &problem, passed_over);
    text_fini(&problem);
    return is_good;
}

bool service_reader_read(const json_t *service, struct arena *arena, struct service_options *out,
                         struct text *passed_over)
{
    json_t *options = json_object_get(service, KEY_OPTIONS);
    bool has_any = false;
    *out = (struct service_options){0};
    for (void *i = json_object_iter(options); i; i = json_object_iter_next(options, i)) {
        const char *word = json_object_iter_key(i);
        const json_t *json = json_object_iter_value(i);
        enum service_option_kind kind = service_option_parse(view_str(word));
        struct view value = view_of(json_string_value(json), json_string_length(json));
        if (kind == SERVICE_OPTION_COUNT)
            tell_unknown(service, word, passed_over);
        else if (check(service, kind, value, passed_over) || service_option_is_guard(kind)) {
            if (value.len == 0 || value.len > SERVICE_OPTION_BYTES_MAX)
                value = VIEW(SERVICE_OPTION_UNUSABLE);
            out->values[kind] = arena_copy(arena, value);
            has_any = true;
        }
    }
    return has_any;
}

void service_reader_note_http(const char *service, const struct service_options *options,
                              struct text *passed_over)
{
    struct balance_rule balance;
    struct view rule = options->values[SERVICE_OPTION_BALANCE];
    if (balance_rule_parse(rule, &balance) && balance_rule_needs_http(&balance))
        service_reader_note(service, service_option_word(SERVICE_OPTION_BALANCE),
                            VIEW("it needs requests of HTTP, and the service gets connections or "
                                 "datagrams: it counts as not given"),
                            passed_over);
}
