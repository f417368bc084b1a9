#include "lb/follow/certificate_wishes.h"

#include <errno.h>
#include <string.h>

#include "lb/base/json_writer.h"
#include "lb/base/log.h"
#include "lb/base/shown.h"
#include "lb/base/view.h"
#include "lb/contract/certificate_wish.h"
#include "lb/contract/key.h"

#define WISHES_VERSION 1
#define SHOWN_BYTES    128

static struct view string_of(const json_t *value)
{
    return view_of(json_string_value(value), json_string_length(value));
}

/* ---- one ------------------------------------------------------------------------------------- */

/* Whether it is written as lb-discovery writes it: nothing is left to be mended. */
static bool is_name(struct view name, struct text *problem)
{
    char room[CERTIFICATE_WISH_NAME_BYTES_MAX];
    struct view read;
    if (!certificate_wish_read_name(name, room, &read, problem))
        return false;
    if (view_eq(read, name))
        return true;
    text_append_str(problem, "is not in lower case, or ends with a dot");
    return false;
}

static bool check_names(const json_t *names, struct text *problem)
{
    size_t count = json_array_size(names);
    if (count == 0 || count > CERTIFICATE_WISH_NAMES_MAX) {
        text_appendf(problem, "names: want an array of 1 to %u", CERTIFICATE_WISH_NAMES_MAX);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *name = json_array_get(names, i);
        text_appendf(problem, "names[%zu] ", i);
        if (!is_name(json_is_string(name) ? string_of(name) : view_of("", 0), problem))
            return false;
        text_clear(problem);
    }
    return true;
}

static bool check(const json_t *wish, struct text *problem)
{
    const json_t *email = json_object_get(wish, KEY_EMAIL);
    if (!check_names(json_object_get(wish, KEY_NAMES), problem))
        return false;
    if (!email || (json_is_string(email) && json_string_length(email) == 0))
        return true;
    text_append_str(problem, "email ");
    if (json_is_string(email))
        return certificate_wish_check_email(string_of(email), problem);
    text_append_str(problem, "is no string");
    return false;
}

static void write(struct json_writer *json, const json_t *wish)
{
    const json_t *names = json_object_get(wish, KEY_NAMES);
    const char *email = json_string_value(json_object_get(wish, KEY_EMAIL));
    json_writer_begin_object(json);
    json_writer_key(json, KEY_NAMES);
    json_writer_begin_array(json);
    for (size_t i = 0; i < json_array_size(names); i++)
        json_writer_string(json, string_of(json_array_get(names, i)));
    json_writer_end_array(json);
    json_writer_field_str(json, KEY_EMAIL, email ? email : "");
    json_writer_end_object(json);
}

/* ---- all of them ----------------------------------------------------------------------------- */

/* Names are bytes of others: they are shown, not written. */
static void tell(size_t index, size_t wrong_count, const struct text *problem)
{
    struct text shown = TEXT_INIT;
    struct view told = text_view(problem);
    shown_append(&shown, told.len < SHOWN_BYTES ? told : view_of(told.ptr, SHOWN_BYTES));
    log_warn("discovery: wishes for certificates that are passed over: %zu; the last: "
             "certificates[%zu]: %s",
             wrong_count, index, text_str(&shown));
    text_fini(&shown);
}

static void write_all(struct certificate_wishes *wishes, const json_t *array,
                      struct json_writer *json)
{
    unsigned wrong_before = wishes->wrong_count;
    size_t last_wrong = 0;
    struct text problem = TEXT_INIT, last = TEXT_INIT;
    wishes->count = wishes->wrong_count = 0;
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *wish = json_array_get(array, i);
        text_clear(&problem);
        if (wishes->count == CERTIFICATE_WISHES_MAX)
            text_appendf(&problem, "is beyond %u", CERTIFICATE_WISHES_MAX);
        else if (check(wish, &problem)) {
            write(json, wish);
            wishes->count++;
            continue;
        }
        wishes->wrong_count++;
        last_wrong = i;
        text_clear(&last);
        text_append(&last, text_view(&problem));
    }
    if (wishes->wrong_count > 0 && wishes->wrong_count != wrong_before)
        tell(last_wrong, wishes->wrong_count, &last);
    text_fini(&problem);
    text_fini(&last);
}

/* The version is lb-acme's, not that of lines. */
static void compose(struct certificate_wishes *wishes, const json_t *line, struct text *out)
{
    struct json_writer json;
    json_writer_init(&json, out);
    json_writer_begin_object(&json);
    json_writer_field_uint(&json, "version", WISHES_VERSION);
    json_writer_key(&json, KEY_CERTIFICATES);
    json_writer_begin_array(&json);
    write_all(wishes, json_object_get(line, KEY_CERTIFICATES), &json);
    json_writer_end_array(&json);
    json_writer_end_object(&json);
}

static void post(struct certificate_wishes *wishes)
{
    bool was_lost = wishes->is_lost;
    wishes->is_lost = !keepsake_write(&wishes->keepsake, text_view(&wishes->posted));
    if (wishes->is_lost && !was_lost)
        log_error("lb-acme cannot be told which certificates are wished for: %s; it goes on with "
                  "those that it knows",
                  strerror(errno));
}

void certificate_wishes_open(struct certificate_wishes *wishes, int fd)
{
    *wishes = (struct certificate_wishes){.posted = TEXT_INIT};
    keepsake_open(&wishes->keepsake, fd);
}

void certificate_wishes_take(struct certificate_wishes *wishes, const json_t *line)
{
    struct text now = TEXT_INIT;
    if (wishes->keepsake.fd < 0)
        return;
    compose(wishes, line, &now);
    if (!wishes->is_lost && view_eq(text_view(&now), text_view(&wishes->posted))) {
        text_fini(&now);
        return;
    }
    text_fini(&wishes->posted);
    wishes->posted = now;
    post(wishes);
}

void certificate_wishes_fini(struct certificate_wishes *wishes)
{
    text_fini(&wishes->posted);
}
