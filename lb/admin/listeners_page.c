#include "lb/admin/listeners_page.h"

#include "lb/admin/listener_walk.h"
#include "lb/admin/subject.h"
#include "lb/base/clock.h"
#include "lb/base/shown.h"

/* ---- text ------------------------------------------------------------------------------------- */

static void append_target(const struct explain *explain, const struct listener_rule *rule,
                          struct text *line)
{
    const struct routes_target *target = listener_walk_target(explain, rule);
    unsigned count = target && target->listed ? target->listed->endpoint_count : 0;
    text_append_str(line, ": to the service ");
    shown_append(line, rule->service);
    text_append_str(line, ", ");
    listener_walk_append_origin(rule, line);
    if (rule->is_closed)
        text_append_str(line, "; " LISTENER_WALK_CLOSED);
    else if (count == 0)
        text_append_str(line, "; it has no servers");
    else
        text_appendf(line, "; %u of %u server%s can be asked", listener_walk_usable_count(target),
                     count, count == 1 ? "" : "s");
}

static void append_rule(const struct explain *explain, const struct listener_seen *seen,
                        unsigned number, struct text *out)
{
    const struct listener_rule *rule = listener_walk_rule(explain, number);
    listener_walk_append_place(seen, out);
    text_append_char(out, ' ');
    listener_walk_append_match(rule, seen->count > 1, out);
    append_target(explain, rule, out);
    if (listener_walk_is_shut(seen)) {
        text_append_str(out, "; the listener is not open: ");
        shown_append(out, view_str(seen->standing->why));
    }
    text_append_str(out, ".\n");
}

static void append_standing(const struct listener_seen *seen, struct text *out)
{
    bool is_shut = listener_walk_is_shut(seen),
         ends_tls = seen->standing && seen->standing->ends_tls;
    if (!is_shut && !ends_tls && seen->count > 0)
        return;
    listener_walk_append_place(seen, out);
    if (is_shut) {
        text_append_str(out, ": not open: ");
        shown_append(out, view_str(seen->standing->why));
    } else if (ends_tls) {
        text_append_str(out, seen->count > 0
                                 ? ": open for HTTPS, but for names that are somebody else's:"
                                 : ": open for HTTPS");
    } else if (seen->standing->state == LISTENER_ENDING) {
        text_append_str(out, ": is being closed, as nothing leads anywhere from there any more");
    } else {
        text_appendf(out,
                     ": open, and leads nowhere: no container asks for it. Give one the label "
                     "lb.%s=%u",
                     service_kind_word(seen->kind), address_port(&seen->at));
    }
    if (out->bytes[out->len - 1] != '.' && out->bytes[out->len - 1] != ':')
        text_append_char(out, '.');
    text_append_char(out, '\n');
}

void listeners_page_write_text(const struct explain *explain, struct text *out)
{
    struct listener_walk walk = {.explain = explain};
    struct listener_seen seen;
    size_t before = out->len;
    while (listener_walk_next(&walk, &seen)) {
        append_standing(&seen, out);
        for (unsigned i = 0; i < seen.count; i++)
            append_rule(explain, &seen, seen.first + i, out);
    }
    if (out->len == before)
        text_append_str(out, "There is no TCP or UDP listener: --tcp and --udp open one, and "
                             "--dynamic-ports lets containers have some.\n");
}

/* ---- JSON ------------------------------------------------------------------------------------- */

static void write_given(struct json_writer *json, const char *key, struct view value)
{
    if (value.len == 0)
        return;
    json_writer_key(json, key);
    json_writer_string(json, value);
}

static void write_rule_fields(const struct explain *explain, const struct listener_rule *rule,
                              struct json_writer *json)
{
    const struct routes_target *target = listener_walk_target(explain, rule);
    write_given(json, "server_name", rule->server_name);
    write_given(json, "alpn", rule->alpn);
    write_given(json, "service", rule->service);
    json_writer_field_uint(json, "usable",
                           target && !rule->is_closed ? listener_walk_usable_count(target) : 0);
    if (rule->is_closed)
        json_writer_field_str(json, "closed", LISTENER_WALK_CLOSED);
    write_given(json, "dialect", rule->dialect);
    write_given(json, "label", rule->label);
    write_given(json, "container", rule->container);
    write_given(json, "container_name", rule->container_name);
}

static void write_place(const struct listener_seen *seen, struct json_writer *json)
{
    char at[ADDRESS_TEXT_BYTES];
    json_writer_field_str(json, "protocol", service_kind_word(seen->kind));
    json_writer_field_str(json, "address", address_format(&seen->at, at));
}

static void write_standing(const struct listener_standing *standing, struct json_writer *json)
{
    char since[CLOCK_TEXT_BYTES];
    json_writer_field_str(json, "state", listener_state_word(standing->state));
    if (standing->since_ns)
        json_writer_field_str(json, "since", clock_format(standing->since_ns, since));
    json_writer_field_if_any(json, "problem", standing->why);
    json_writer_field_bool(json, "dynamic", standing->is_dynamic);
    if (standing->ends_tls)
        json_writer_field_bool(json, "https", true);
}

static void write_listener(const struct explain *explain, const struct listener_seen *seen,
                           struct json_writer *json)
{
    json_writer_begin_object(json);
    write_place(seen, json);
    if (seen->standing)
        write_standing(seen->standing, json);
    json_writer_key(json, "rules");
    json_writer_begin_array(json);
    for (unsigned i = 0; i < seen->count; i++) {
        json_writer_begin_object(json);
        write_rule_fields(explain, listener_walk_rule(explain, seen->first + i), json);
        json_writer_end_object(json);
    }
    json_writer_end_array(json);
    json_writer_end_object(json);
}

void listeners_page_write_list(const struct explain *explain, struct json_writer *json)
{
    struct listener_walk walk = {.explain = explain};
    struct listener_seen seen;
    json_writer_begin_array(json);
    while (listener_walk_next(&walk, &seen))
        write_listener(explain, &seen, json);
    json_writer_end_array(json);
}

void listeners_page_write_json(const struct explain *explain, struct text *out)
{
    struct json_writer json;
    json_writer_init(&json, out);
    json_writer_begin_object(&json);
    json_writer_field_uint(&json, "version", explain->pool ? explain->pool->version : 0);
    json_writer_key(&json, "listeners");
    listeners_page_write_list(explain, &json);
    json_writer_end_object(&json);
    text_append_char(out, '\n');
}

/* ---- of one container or service -------------------------------------------------------------- */

/* The names are NULL-terminated where they are copied. */
static bool is_of(const struct listener_rule *rule, struct view subject, struct text *room)
{
    text_clear(room);
    text_append(room, rule->container);
    text_append_char(room, '\0');
    text_append(room, rule->container_name);
    const char *container = text_str(room);
    if (view_eq(rule->service, subject))
        return true;
    return rule->container.len + rule->container_name.len > 0 &&
           subject_means(subject, container, container, container + strlen(container) + 1) !=
               SUBJECT_NO;
}

static void write_element(const struct explain *explain, const struct listener_seen *seen,
                          unsigned number, struct json_writer *json)
{
    json_writer_begin_object(json);
    write_place(seen, json);
    write_rule_fields(explain, listener_walk_rule(explain, number), json);
    json_writer_end_object(json);
}

static unsigned write_subject(const struct explain *explain, struct view subject, struct text *out,
                              struct json_writer *json)
{
    struct listener_walk walk = {.explain = explain};
    struct listener_seen seen;
    struct text room = TEXT_INIT;
    unsigned count = 0;
    while (listener_walk_next(&walk, &seen))
        for (unsigned i = 0; i < seen.count; i++) {
            if (!is_of(listener_walk_rule(explain, seen.first + i), subject, &room))
                continue;
            count++;
            if (json)
                write_element(explain, &seen, seen.first + i, json);
            else
                append_rule(explain, &seen, seen.first + i, out);
        }
    text_fini(&room);
    return count;
}

unsigned listeners_page_write_subject_text(const struct explain *explain, struct view subject,
                                           struct text *out)
{
    return write_subject(explain, subject, out, NULL);
}

unsigned listeners_page_write_subject_json(const struct explain *explain, struct view subject,
                                           struct json_writer *json)
{
    return write_subject(explain, subject, NULL, json);
}
