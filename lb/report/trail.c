#include "lb/report/trail.h"

#include <stdlib.h>

#include "lb/report/field.h"
#include "lb/sentry/sentry_text.h"

static void keep(struct view text, char *out, size_t bytes)
{
    struct view cut = sentry_text_cut(text, bytes - 1);
    memcpy(out, cut.ptr, cut.len);
    out[cut.len] = '\0';
}

static void keep_data(struct trail_change *change, const char *name, const json_t *value)
{
    char *text = field_as_text(value);
    if (text && text[0] != '\0' && change->data_count < TRAIL_DATA_MAX) {
        unsigned at = change->data_count++;
        keep(view_str(name), change->data[at].name, TRAIL_NAME_BYTES);
        keep(view_str(text), change->data[at].value, TRAIL_VALUE_BYTES);
    }
    free(text);
}

bool trail_add(struct trail *trail, const json_t *change, uint64_t wall_ns)
{
    struct view message = field_text(change, "message");
    const char *name;
    json_t *data = json_object_get(change, "data"), *value;
    if (message.len == 0)
        return false;
    if (trail->count == TRAIL_LENGTH)
        trail->first = (trail->first + 1) % TRAIL_LENGTH;
    else
        trail->count++;
    struct trail_change *to = &trail->changes[(trail->first + trail->count - 1) % TRAIL_LENGTH];
    *to = (struct trail_change){.timestamp_ns = field_timestamp(change, wall_ns),
                                .level = field_level(change, SENTRY_INFO)};
    keep(message, to->message, TRAIL_MESSAGE_BYTES);
    json_object_foreach (data, name, value)
        if (to->data_count < TRAIL_DATA_MAX)
            keep_data(to, name, value);
    return true;
}

void trail_list(const struct trail *trail, struct trail_breadcrumbs *out)
{
    out->count = trail->count;
    for (unsigned i = 0; i < trail->count; i++) {
        const struct trail_change *change = &trail->changes[(trail->first + i) % TRAIL_LENGTH];
        for (unsigned k = 0; k < change->data_count; k++)
            out->data[i][k] = (struct sentry_pair){view_str(change->data[k].name),
                                                   view_str(change->data[k].value)};
        out->items[i] = (struct sentry_breadcrumb){.timestamp_ns = change->timestamp_ns,
                                                   .level = change->level,
                                                   .category = VIEW("pool"),
                                                   .message = view_str(change->message),
                                                   .data = out->data[i],
                                                   .data_count = change->data_count};
    }
}
