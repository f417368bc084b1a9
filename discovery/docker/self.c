#include "discovery/docker/self.h"

#include <stdio.h>

#define SHORT_ID_LEN 12

static void add(struct self *self, struct view id, bool is_by_network)
{
    for (size_t i = 0; i < self->count; i++)
        if (view_starts_with(view_str(self->guesses[i].id.text), id))
            return;
    if (self->count == SELF_GUESSES_MAX)
        return;
    struct self_guess *guess = &self->guesses[self->count++];
    guess->is_by_network = is_by_network;
    memcpy(guess->id.text, id.ptr, id.len);
}

/* What Docker ("/…/containers/<id>/hostname ") and Podman
 * ("/…/overlay-containers/<id>/userdata/hosts
 * ") mount into each container, or lend to it together with a network. Their host has other mounts
 * below the same folder ("/mounts/shm"), which say nothing. */
static bool find_mounted_id(struct view line, struct view *id)
{
    static const char folder[] = "containers/";
    static const char *const files[] = {"/hostname ",       "/hosts ",
                                        "/resolv.conf ",    "/userdata/hostname ",
                                        "/userdata/hosts ", "/userdata/resolv.conf "};
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

/* "…:/docker/<id>" or "…/docker-<id>.scope": the last run of exactly 64 digits, as the first ones
 * are of containers around this one. */
static bool find_long_id(struct view line, struct view *id)
{
    bool found = false;
    for (size_t start = 0; start < line.len;) {
        size_t len = 0;
        while (start + len < line.len && engine_id_is_prefix(view_of(line.ptr + start + len, 1), 1))
            len++;
        if (len == ENGINE_ID_LEN) {
            *id = view_of(line.ptr + start, len);
            found = true;
        }
        start += len + 1;
    }
    return found;
}

/* The field of that number, from 0. */
static struct view field_at(struct view line, unsigned number)
{
    while (number-- > 0)
        view_cut(&line, ' ');
    return view_cut(&line, ' ');
}

/* "36 35 0:29 /docker/<id> /sys/fs/cgroup/cpu ro … - cgroup cgroup rw,cpu": the fourth field. */
static bool find_cgroup_mount_id(struct view line, struct view *id)
{
    bool is_cgroup = memmem(line.ptr, line.len, " - cgroup", 9);
    return is_cgroup && find_long_id(field_at(line, 3), id);
}

/* "523 496 0:51 / / rw,relatime - overlay overlay rw,lowerdir=…,upperdir=/…/diff,workdir=…" */
static bool find_upper(struct view line, struct view *upper)
{
    static const char key[] = "upperdir=";
    if (!view_eq(field_at(line, 4), VIEW("/")))
        return false;
    const char *at = memmem(line.ptr, line.len, key, sizeof(key) - 1);
    if (!at)
        return false;
    *upper = view_skip(line, (size_t)(at - line.ptr) + sizeof(key) - 1);
    *upper = view_cut(upper, ',');
    return true;
}

static bool scan(struct view text, bool (*find)(struct view line, struct view *found),
                 struct view *found)
{
    while (text.len > 0)
        if (find(view_cut(&text, '\n'), found))
            return true;
    return false;
}

void self_guess(struct view mountinfo, struct view cgroup, const char *hostname, struct self *out)
{
    struct view found, name = view_str(hostname);
    *out = (struct self){0};
    if (scan(cgroup, find_long_id, &found))
        add(out, found, false);
    if (scan(mountinfo, find_cgroup_mount_id, &found))
        add(out, found, false);
    if (scan(mountinfo, find_mounted_id, &found))
        add(out, found, true);
    if (engine_id_is_prefix(name, SHORT_ID_LEN) &&
        (name.len == SHORT_ID_LEN || name.len == ENGINE_ID_LEN))
        add(out, name, true);
    if (scan(mountinfo, find_upper, &found) && found.len < SELF_UPPER_BYTES)
        snprintf(out->upper, sizeof(out->upper), "%.*s", (int)found.len, found.ptr);
}

/* "…/overlay2/<hash>/diff" → "<hash>/diff" */
static struct view last_two_parts(struct view path)
{
    size_t start = path.len;
    for (unsigned slashes = 0; start > 0; start--)
        if (path.ptr[start - 1] == '/' && ++slashes == 2)
            break;
    return view_skip(path, start);
}

bool self_is_same_layer(const char *upper, const char *other)
{
    struct view a = last_two_parts(view_str(upper)), b = last_two_parts(view_str(other));
    return a.len > 0 && view_eq(a, b);
}
