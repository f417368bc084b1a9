#include "discovery/settings.h"

#include <stdio.h>
#include <stdlib.h>

#include "discovery/clean.h"
#include "discovery/engine_id.h"
#include "discovery/field.h"
#include "lb/base/memory.h"
#include "lb/base/text.h"

/* Longest value quoted in a sentence for humans. */
#define QUOTED_BYTES 64

/* One value and where it stood, for messages. `text` is "" when there is none. */
struct setting {
    const char *text;
    const char *from;
};

/* The value of the last "NAME=value", as the program in the container sees it. */
static const char *find_variable(const json_t *environment, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = json_array_size(environment); i > 0; i--) {
        const char *line = json_string_value(json_array_get(environment, i - 1));
        if (line && strncmp(line, name, len) == 0 && line[len] == '=')
            return line + len + 1;
    }
    return "";
}

/* Empty values count as not given: `SERVICE_NAME=${UNSET}` is a common way to write nothing. */
static struct setting find_first(const json_t *labels, const json_t *environment, const char *label,
                                 const char *variable)
{
    struct setting found = {field_str(labels, label), label};
    if (found.text[0] == '\0')
        found = (struct setting){field_str(labels, variable), variable};
    if (found.text[0] == '\0')
        found = (struct setting){find_variable(environment, variable), variable};
    return found;
}

/* "registry:5000/foo/bar:tag@sha256:…" → "bar"; an id, whole or short, gives the empty view. */
static struct view image_base_name(const char *image)
{
    struct view name = view_str(image);
    if (view_starts_with(name, VIEW("sha256:")))
        return view_of("", 0);
    name = view_cut(&name, '@');
    for (ptrdiff_t slash; (slash = view_find(name, '/')) >= 0;)
        name = view_skip(name, (size_t)slash + 1);
    name = view_cut(&name, ':');
    return engine_id_is_prefix(name, 12) ? view_of("", 0) : name;
}

static char *complain(const char *name, const char *value, const char *accepted)
{
    char *shown = clean_copy(view_str(value), QUOTED_BYTES);
    struct text text = TEXT_INIT;
    text_appendf(&text, "%s=\"%s\" cannot be used: %s", name, shown, accepted);
    free(shown);
    return text.bytes;
}

static void complain_label(struct settings *settings, const char *name, const char *value,
                           const char *accepted)
{
    if (!settings->label_problem)
        settings->label_problem = complain(name, value, accepted);
}

static void read_service(struct settings *settings, struct setting name, const char *image,
                         const char *container_name)
{
    struct view service = view_str(name.text);
    settings->is_named = service.len > 0 && strcmp(name.from, "lb.service") == 0;
    if (!clean_is_clean(service, CLEAN_NAME_MAX_BYTES))
        complain_label(settings, name.from, name.text,
                       "a name of at most 255 bytes without control characters is accepted");
    if (service.len == 0)
        service = image_base_name(image);
    if (service.len == 0)
        service = view_str(container_name);
    settings->service = clean_copy(service, CLEAN_NAME_MAX_BYTES);
}

/* A label that says yes or no; `otherwise` where it says nothing, or nonsense. */
static bool read_yes(struct settings *settings, const char *label, const char *value,
                     bool otherwise)
{
    static const char *const no[] = {"false", "0", "no", "off"};
    static const char *const yes[] = {"true", "1", "yes", "on"};
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
        if (view_eq_nocase(view_str(value), view_str(no[i])))
            return false;
        if (view_eq_nocase(view_str(value), view_str(yes[i])))
            return true;
    }
    if (value[0] != '\0')
        complain_label(settings, label, value, "true or false is accepted");
    return otherwise;
}

static void read_enable(struct settings *settings, const char *label, const char *value)
{
    settings->disabled = !read_yes(settings, label, value, true);
}

static void read_drain(struct settings *settings, const char *label, const char *value)
{
    settings->drains = read_yes(settings, label, value, false);
}

static void read_port(struct settings *settings, struct setting given)
{
    uint64_t port;
    if (given.text[0] == '\0')
        return;
    if (view_parse_u64(view_str(given.text), 65535, &port) && port > 0)
        settings->port = (uint16_t)port;
    else
        settings->port_problem =
            complain(given.from, given.text, "a number from 1 to 65535 is accepted");
}

static void read_weight(struct settings *settings, const char *label, const char *value)
{
    uint64_t weight;
    if (!view_parse_u64(view_str(value), SETTINGS_WEIGHT_MAX, &weight))
        complain_label(settings, label, value, "a number from 0 (drains) to 256 is accepted");
    else if (weight == 0)
        settings->drains = true;
    else
        settings->weight = (unsigned)weight;
}

static void read_address(struct settings *settings, const char *label, const char *value)
{
    struct address address;
    if (address_parse_ip(view_str(value), 0, &address))
        address_format_ip(&address, settings->address);
    else
        complain_label(settings, label, value, "an IPv4 or IPv6 address is accepted");
}

static void read_network(struct settings *settings, const char *label, const char *value)
{
    (void)label;
    settings->network = clean_copy(view_str(value), CLEAN_NAME_MAX_BYTES);
}

static void read_slow_start(struct settings *settings, const char *label, const char *value)
{
    settings->has_slow_start =
        strcmp(value, "0") == 0 || check_parse_time(view_str(value), &settings->slow_start_ms);
    if (!settings->has_slow_start)
        complain_label(settings, label, value,
                       "0, or a time from 10ms to 1h, for example 30s, is accepted");
}

/* The grammar is the one of lb's flags --check-*. */
static void read_check(struct settings *settings, const char *label, const char *value)
{
    struct view word = view_skip(view_str(label), sizeof("lb.check.") - 1);
    char accepted[128];
    if (check_set(&settings->check, word, view_str(value))) {
        settings->has_check = true;
        return;
    }
    snprintf(accepted, sizeof(accepted), "%s is accepted", check_accepted(word));
    complain_label(settings, label, value, accepted);
}

/* Every label that is lb's, and who reads it, in this order, when it is given and not empty. What
 * begins with "lb." and is not here is told to its owner, so nothing may be read elsewhere. */
static const struct known_label {
    const char *name;
    void (*read)(struct settings *settings, const char *label, const char *value);
} known_labels[] = {
    {"lb.service", NULL}, /* where read is NULL there are other sources than this label */
    {"lb.port", NULL},
    {"lb.enable", read_enable},
    {"lb.drain", read_drain},
    {"lb.weight", read_weight},
    {"lb.address", read_address},
    {"lb.network", read_network},
    {"lb.slow-start", read_slow_start},
    /* one for each word of lb/base/check.h */
    {"lb.check.mode", read_check},
    {"lb.check.path", read_check},
    {"lb.check.method", read_check},
    {"lb.check.status", read_check},
    {"lb.check.text", read_check},
    {"lb.check.interval", read_check},
    {"lb.check.timeout", read_check},
    {"lb.check.rise", read_check},
    {"lb.check.fall", read_check},
};

const char *settings_label_at(size_t index)
{
    return index < sizeof(known_labels) / sizeof(known_labels[0]) ? known_labels[index].name : NULL;
}

static void read_labels(struct settings *settings, const json_t *labels)
{
    for (size_t i = 0; settings_label_at(i); i++) {
        const struct known_label *known = &known_labels[i];
        const char *value = field_str(labels, known->name);
        if (known->read && value[0] != '\0')
            known->read(settings, known->name, value);
    }
}

void settings_read(struct settings *settings, const json_t *labels, const json_t *environment,
                   const char *image, const char *container_name)
{
    *settings = (struct settings){.weight = 1};
    read_service(settings, find_first(labels, environment, "lb.service", "SERVICE_NAME"), image,
                 container_name);
    read_port(settings, find_first(labels, environment, "lb.port", "SERVICE_PORT"));
    read_labels(settings, labels);
}

void settings_fini(struct settings *settings)
{
    free(settings->service);
    free(settings->network);
    free(settings->port_problem);
    free(settings->label_problem);
    *settings = (struct settings){0};
}
