#include "lb/sentry/sentry_event.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/random.h>

#include "lb/base/bounds.h"
#include "lb/base/clock.h"
#include "lb/base/rng.h"
#include "lb/sentry/sentry_text.h"

#define NAME_BYTES_MAX    64u
#define TAG_NAME_MAX      32u
#define TAG_VALUE_MAX     200u
#define MESSAGE_BYTES_MAX 8192u
#define VALUE_BYTES_MAX   4096u /* of exceptions and extras */
#define FRAME_BYTES_MAX   512u
#define DATA_BYTES_MAX    256u
#define CRUMB_BYTES_MAX   512u

/* A byte becomes six at most (\u001f); one frame, image, extra or breadcrumb with all of its fields stays below this. */
#define ITEM_BYTES_MAX 40960u

static const char *const level_words[] = {[SENTRY_DEBUG] = "debug",
                                          [SENTRY_INFO] = "info",
                                          [SENTRY_WARNING] = "warning",
                                          [SENTRY_ERROR] = "error",
                                          [SENTRY_FATAL] = "fatal"};

const char *sentry_event_level_word(enum sentry_level level)
{
    return level_words[level];
}

void sentry_event_init(struct sentry_event *event)
{
    struct rng rng;
    rng_init(&rng);
    uint64_t high = rng_next(&rng), low = rng_next(&rng);
    high = (high & ~UINT64_C(0xF000)) | UINT64_C(0x4000);   /* version 4 */
    low = (low & ~(UINT64_C(3) << 62)) | UINT64_C(2) << 62; /* of RFC 9562 */
    *event = (struct sentry_event){.timestamp_ns = clock_wall_ns(), .level = SENTRY_ERROR};
    snprintf(event->id, sizeof(event->id), "%016" PRIx64 "%016" PRIx64, high, low);
}

static bool has_room(const struct json_writer *json)
{
    return json->out->len < SENTRY_EVENT_BYTES_MAX - ITEM_BYTES_MAX;
}

static size_t lesser(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void write_timestamp(struct json_writer *json, uint64_t wall_ns)
{
    char stamp[CLOCK_TEXT_BYTES];
    json_writer_field_str(json, "timestamp", clock_format(wall_ns, stamp));
}

static void write_pairs(struct json_writer *json, const char *key, const struct sentry_pair *pairs,
                        size_t count, size_t name_bytes_max, size_t value_bytes_max)
{
    if (count == 0)
        return;
    json_writer_key(json, key);
    json_writer_begin_object(json);
    for (size_t i = 0; i < count && has_room(json); i++)
        sentry_text_pair(json, pairs[i].name, name_bytes_max, pairs[i].value, value_bytes_max);
    json_writer_end_object(json);
}

static void write_address(struct json_writer *json, const char *key, uint64_t address)
{
    char text[24];
    if (address == 0)
        return;
    snprintf(text, sizeof(text), "0x%" PRIx64, address);
    json_writer_field_str(json, key, text);
}

/* ---- what went wrong ----------------------------------------------------------------------------- */

static void write_frame(struct json_writer *json, const struct sentry_frame *frame)
{
    char mode[16];
    json_writer_begin_object(json);
    sentry_text_field(json, "function", frame->function, FRAME_BYTES_MAX);
    sentry_text_field(json, "filename", frame->file, FRAME_BYTES_MAX);
    if (frame->line > 0)
        json_writer_field_uint(json, "lineno", frame->line);
    sentry_text_field(json, "package", frame->package, FRAME_BYTES_MAX);
    write_address(json, "instruction_addr", frame->instruction_address);
    write_address(json, "image_addr", frame->image_address);
    if (frame->image_number > 0) {
        snprintf(mode, sizeof(mode), "rel:%u", frame->image_number - 1);
        json_writer_field_str(json, "addr_mode", mode);
    }
    json_writer_field_bool(json, "in_app", frame->is_in_app);
    json_writer_end_object(json);
}

/* Of too many, those that are nearest to where it happened. */
static void write_frames(struct json_writer *json, const struct sentry_exception *exception)
{
    size_t count = lesser(exception->frame_count, SENTRY_FRAMES_MAX);
    if (count == 0)
        return;
    json_writer_key(json, "stacktrace");
    json_writer_begin_object(json);
    json_writer_key(json, "frames");
    json_writer_begin_array(json);
    for (size_t i = exception->frame_count - count; i < exception->frame_count && has_room(json);
         i++)
        write_frame(json, &exception->frames[i]);
    json_writer_end_array(json);
    json_writer_end_object(json);
}

static void write_exception(struct json_writer *json, const struct sentry_exception *exception)
{
    if (exception->type.len == 0)
        return;
    json_writer_key(json, "exception");
    json_writer_begin_object(json);
    json_writer_key(json, "values");
    json_writer_begin_array(json);
    json_writer_begin_object(json);
    sentry_text_field(json, "type", exception->type, TAG_VALUE_MAX);
    sentry_text_field(json, "value", exception->value, VALUE_BYTES_MAX);
    if (exception->mechanism.len > 0) {
        json_writer_key(json, "mechanism");
        json_writer_begin_object(json);
        sentry_text_field(json, "type", exception->mechanism, NAME_BYTES_MAX);
        json_writer_field_bool(json, "handled", exception->is_handled);
        json_writer_end_object(json);
    }
    write_frames(json, exception);
    json_writer_end_object(json);
    json_writer_end_array(json);
    json_writer_end_object(json);
}

/* A build id is the identity of a file; its first 16 bytes, the first three numbers turned round, are Sentry's debug id. */
static void write_debug_id(struct json_writer *json, struct view build_id)
{
    static const unsigned char order[] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    char text[37], *at = text;
    if (build_id.len < 2 * sizeof(order))
        return;
    for (size_t i = 0; i < sizeof(order); i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        *at++ = build_id.ptr[2 * order[i]];
        *at++ = build_id.ptr[2 * order[i] + 1];
    }
    json_writer_key(json, "debug_id");
    json_writer_string(json, view_of(text, (size_t)(at - text)));
}

static void write_image(struct json_writer *json, const struct sentry_image *image)
{
    json_writer_begin_object(json);
    json_writer_field_str(json, "type", "elf");
    sentry_text_field(json, "code_file", image->file, FRAME_BYTES_MAX);
    sentry_text_field(json, "code_id", image->build_id, NAME_BYTES_MAX);
    write_debug_id(json, image->build_id);
    write_address(json, "image_addr", image->address);
    if (image->size_bytes > 0)
        json_writer_field_uint(json, "image_size", image->size_bytes);
    json_writer_end_object(json);
}

static void write_images(struct json_writer *json, const struct sentry_event *event)
{
    size_t count = lesser(event->image_count, SENTRY_IMAGES_MAX);
    if (count == 0)
        return;
    json_writer_key(json, "debug_meta");
    json_writer_begin_object(json);
    json_writer_key(json, "images");
    json_writer_begin_array(json);
    for (size_t i = 0; i < count && has_room(json); i++)
        write_image(json, &event->images[i]);
    json_writer_end_array(json);
    json_writer_end_object(json);
}

/* ---- what belongs to it --------------------------------------------------------------------------- */

static void write_message(struct json_writer *json, struct view message)
{
    if (message.len == 0)
        return;
    json_writer_key(json, "message");
    json_writer_begin_object(json);
    sentry_text_field(json, "formatted", message, MESSAGE_BYTES_MAX);
    json_writer_end_object(json);
}

static void write_fingerprint(struct json_writer *json, const struct sentry_event *event)
{
    size_t count = lesser(event->fingerprint_count, SENTRY_FINGERPRINT_MAX);
    if (count == 0)
        return;
    json_writer_key(json, "fingerprint");
    json_writer_begin_array(json);
    for (size_t i = 0; i < count; i++)
        json_writer_string(json, sentry_text_cut(event->fingerprint[i], TAG_VALUE_MAX));
    json_writer_end_array(json);
}

static void write_trace(struct json_writer *json, const struct sentry_event *event)
{
    struct view span = event->span_id.len > 0 ? event->span_id : view_of(event->id, 16);
    if (event->trace_id.len == 0)
        return;
    json_writer_key(json, "contexts");
    json_writer_begin_object(json);
    json_writer_key(json, "trace");
    json_writer_begin_object(json);
    sentry_text_field(json, "trace_id", event->trace_id, 32);
    sentry_text_field(json, "span_id", span, 16);
    json_writer_end_object(json);
    json_writer_end_object(json);
}

static void write_breadcrumb(struct json_writer *json, const struct sentry_breadcrumb *crumb)
{
    json_writer_begin_object(json);
    write_timestamp(json, crumb->timestamp_ns);
    json_writer_field_str(json, "level", level_words[crumb->level]);
    sentry_text_field(json, "category", crumb->category, NAME_BYTES_MAX);
    sentry_text_field(json, "message", crumb->message, CRUMB_BYTES_MAX);
    write_pairs(json, "data", crumb->data, lesser(crumb->data_count, SENTRY_DATA_MAX), TAG_NAME_MAX,
                DATA_BYTES_MAX);
    json_writer_end_object(json);
}

static void write_breadcrumbs(struct json_writer *json, const struct sentry_event *event)
{
    size_t count = lesser(event->breadcrumb_count, SENTRY_BREADCRUMBS_MAX);
    if (count == 0)
        return;
    json_writer_key(json, "breadcrumbs");
    json_writer_begin_object(json);
    json_writer_key(json, "values");
    json_writer_begin_array(json);
    for (size_t i = event->breadcrumb_count - count; i < event->breadcrumb_count && has_room(json);
         i++)
        write_breadcrumb(json, &event->breadcrumbs[i]);
    json_writer_end_array(json);
    json_writer_end_object(json);
}

static void write_sdk(struct json_writer *json)
{
    json_writer_key(json, "sdk");
    json_writer_begin_object(json);
    json_writer_field_str(json, "name", SENTRY_SDK_NAME);
    json_writer_field_str(json, "version", LB_VERSION);
    json_writer_end_object(json);
}

/* The order is that of what matters: what comes last finds no room first. */
void sentry_event_write(const struct sentry_event *event, struct text *out)
{
    struct text own = TEXT_INIT;
    struct json_writer json;
    json_writer_init(&json, &own);
    json_writer_begin_object(&json);
    json_writer_field_str(&json, "event_id", event->id);
    write_timestamp(&json, event->timestamp_ns);
    json_writer_field_str(&json, "platform", "native");
    json_writer_field_str(&json, "level", level_words[event->level]);
    sentry_text_field(&json, "logger", event->logger, NAME_BYTES_MAX);
    sentry_text_field(&json, "server_name", event->server_name, TAG_VALUE_MAX);
    sentry_text_field(&json, "release", event->release, TAG_VALUE_MAX);
    sentry_text_field(&json, "environment", event->environment, NAME_BYTES_MAX);
    write_sdk(&json);
    write_message(&json, event->message);
    write_fingerprint(&json, event);
    write_pairs(&json, "tags", event->tags, lesser(event->tag_count, SENTRY_TAGS_MAX), TAG_NAME_MAX,
                TAG_VALUE_MAX);
    write_trace(&json, event);
    write_exception(&json, &event->exception);
    write_images(&json, event);
    write_pairs(&json, "extra", event->extras, lesser(event->extra_count, SENTRY_EXTRAS_MAX),
                NAME_BYTES_MAX, VALUE_BYTES_MAX);
    write_breadcrumbs(&json, event);
    json_writer_end_object(&json);
    bounds_hold(own.len <= SENTRY_EVENT_BYTES_MAX);
    text_append(out, text_view(&own));
    text_fini(&own);
}
