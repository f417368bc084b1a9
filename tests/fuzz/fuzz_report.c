/* What lb-report is told, a message a line, its kind first; a line of digits lets so many seconds pass. What holds: an event is an object
 * of JSON within its bounds, with a message or an exception, and a fingerprint; the same fingerprint comes once a minute, and no
 * more than 30 at once. */
#include <jansson.h>

#include "lb/report/desk.h"
#include "tests/fuzz/support/target.h"

#define SECOND_NS UINT64_C(1000000000)

struct world {
    struct desk desk;
    uint64_t now_ns;
    unsigned put_count; /* since time passed */
};

static void check_event(void *owner, const struct sentry_event *event)
{
    struct world *world = owner;
    struct text out = TEXT_INIT;
    json_error_t problem;
    sentry_event_write(event, &out);
    TARGET_CHECK(out.len <= SENTRY_EVENT_BYTES_MAX);
    json_t *object = json_loadb(out.bytes, out.len, JSON_REJECT_DUPLICATES, &problem);
    if (!object) /* a stranger's names of extras may be the same once they are cut */
        object = json_loadb(out.bytes, out.len, 0, &problem);
    TARGET_CHECK(json_is_object(object));
    TARGET_CHECK(json_object_get(object, "message") || json_object_get(object, "exception"));
    TARGET_CHECK(json_array_size(json_object_get(object, "fingerprint")) >= 3);
    TARGET_CHECK(++world->put_count <= QUOTA_BURST);
    json_decref(object);
    text_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct view rest = view_of((const char *)data, size);
    static struct world world;
    uint64_t seconds;
    world = (struct world){.now_ns = SECOND_NS};
    desk_init(&world.desk, &(struct desk_options){.release = "r",
                                                  .environment = "e",
                                                  .server_name = "s",
                                                  .owner = &world,
                                                  .put = check_event});
    while (rest.len > 0) {
        struct view line = view_cut(&rest, '\n');
        if (view_parse_u64(line, 1000, &seconds)) {
            world.now_ns += (seconds + 1) * SECOND_NS;
            world.put_count = 0;
        } else if (line.len > 0) {
            desk_take(&world.desk, line.ptr[0], view_skip(line, 1),
                      (struct desk_time){.mono_ns = world.now_ns, .wall_ns = world.now_ns});
        }
    }
    return 0;
}
