#include "discovery/self.h"

#define SHORT_ID_LEN 12

static void add(struct self *self, struct view id)
{
    for (size_t i = 0; i < self->count; i++)
        if (view_starts_with(view_str(self->guesses[i].text), id))
            return;
    if (self->count < SELF_GUESSES_MAX)
        memcpy(self->guesses[self->count++].text, id.ptr, id.len);
}

/* "/…/containers/<id>/hostname " is what an engine mounts into each container; its host has other
 * mounts below the same folder ("/mounts/shm"), which say nothing. */
static bool find_mounted_id(struct view line, struct view *id)
{
    static const char folder[] = "/containers/";
    static const char *const files[] = {"/hostname ", "/hosts ", "/resolv.conf "};
    const char *at;
    while (line.len > 0 && (at = memmem(line.ptr, line.len, folder, sizeof(folder) - 1)) != NULL) {
        line = view_skip(line, (size_t)(at - line.ptr) + sizeof(folder) - 1);
        if (line.len < ENGINE_ID_LEN)
            return false;
        *id = view_of(line.ptr, ENGINE_ID_LEN);
        struct view rest = view_skip(line, ENGINE_ID_LEN);
        for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
            if (engine_id_is_prefix(*id, ENGINE_ID_LEN) &&
                view_starts_with(rest, view_str(files[i])))
                return true;
    }
    return false;
}

/* "…:/docker/<id>" or "…/docker-<id>.scope": a run of exactly 64 digits. */
static bool find_long_id(struct view line, struct view *id)
{
    for (size_t start = 0; start < line.len;) {
        size_t len = 0;
        while (start + len < line.len && engine_id_is_prefix(view_of(line.ptr + start + len, 1), 1))
            len++;
        if (len == ENGINE_ID_LEN) {
            *id = view_of(line.ptr + start, len);
            return true;
        }
        start += len + 1;
    }
    return false;
}

static void scan(struct view text, bool (*find)(struct view line, struct view *id),
                 struct self *out)
{
    struct view id;
    while (text.len > 0) {
        if (find(view_cut(&text, '\n'), &id)) {
            add(out, id);
            return;
        }
    }
}

void self_guess(struct view mountinfo, struct view cgroup, const char *hostname, struct self *out)
{
    *out = (struct self){0};
    scan(mountinfo, find_mounted_id, out);
    scan(cgroup, find_long_id, out);
    struct view name = view_str(hostname);
    if (engine_id_is_prefix(name, SHORT_ID_LEN) &&
        (name.len == SHORT_ID_LEN || name.len == ENGINE_ID_LEN))
        add(out, name);
}
