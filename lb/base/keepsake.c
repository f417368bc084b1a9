#include "lb/base/keepsake.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lb/base/hash.h"

#define HEAD_BYTES   ((size_t)4096)
#define PLACE_COUNT  2
#define NOWHERE      (-1)
#define SEQUENCE_MAX (UINT64_MAX / 2) /* no process ever gets there */

/* What stands at the beginning of the file, for each place. */
struct label {
    uint64_t sequence; /* the higher one is the newer; 0: nothing was written */
    uint64_t len;
    uint64_t sum; /* of both and the bytes */
};

static uint64_t sum_of(const struct label *label, struct view bytes)
{
    uint64_t sum = hash_mix(label->sequence ^ hash_mix(label->len ^ HASH_INIT)), word;
    for (; bytes.len >= sizeof(word); bytes = view_skip(bytes, sizeof(word))) {
        memcpy(&word, bytes.ptr, sizeof(word));
        sum = hash_mix(sum ^ word);
    }
    return hash_view(sum, bytes);
}

static off_t offset_of(int place)
{
    return (off_t)(HEAD_BYTES + (size_t)place * KEEPSAKE_BYTES_MAX);
}

/* All of them, or false. */
static bool get(int fd, char *bytes, size_t len, off_t offset)
{
    while (len > 0) {
        ssize_t count = pread(fd, bytes, len, offset);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        bytes += count;
        len -= (size_t)count;
        offset += count;
    }
    return true;
}

static bool put(int fd, struct view bytes, off_t offset)
{
    while (bytes.len > 0) {
        ssize_t count = pwrite(fd, bytes.ptr, bytes.len, offset);
        if (count < 0 && errno != EINTR)
            return false;
        size_t len = count > 0 ? (size_t)count : 0;
        bytes = view_skip(bytes, len);
        offset += (off_t)len;
    }
    return true;
}

/* Before room is made for the bytes of that label: whether the file has so many. */
static bool fits(int fd, const struct label *label, int place)
{
    struct stat status;
    return label->sequence > 0 && label->sequence <= SEQUENCE_MAX &&
           label->len <= KEEPSAKE_BYTES_MAX && fstat(fd, &status) == 0 &&
           status.st_size >= offset_of(place) + (off_t)label->len;
}

static bool read_place(int fd, const struct label *label, int place, struct text *out)
{
    text_clear(out);
    if (!fits(fd, label, place))
        return false;
    char *room = text_room(out, label->len);
    if (get(fd, room, label->len, offset_of(place)))
        text_grow_to(out, room + label->len);
    if (out->len == label->len && sum_of(label, text_view(out)) == label->sum)
        return true;
    text_clear(out);
    return false;
}

void keepsake_open(struct keepsake *keepsake, int fd)
{
    *keepsake = (struct keepsake){.fd = fd, .place = NOWHERE};
    fcntl(fd, F_SETFL, O_RDWR); /* O_APPEND of the one before would hold for all, and for ever */
}

bool keepsake_read(struct keepsake *keepsake, struct text *out)
{
    struct label labels[PLACE_COUNT];
    text_clear(out);
    keepsake->place = NOWHERE;
    keepsake->is_seen = true;
    if (keepsake->fd < 0 || !get(keepsake->fd, (char *)labels, sizeof(labels), 0))
        return false;
    int newer = labels[1].sequence > labels[0].sequence;
    if (read_place(keepsake->fd, &labels[newer], newer, out))
        keepsake->place = newer;
    else if (read_place(keepsake->fd, &labels[!newer], !newer, out))
        keepsake->place = !newer;
    return keepsake->place != NOWHERE;
}

/* The number of what is whole; 0: nothing is. */
static uint64_t sequence_of(const struct keepsake *keepsake)
{
    struct label label = {0};
    off_t offset = (off_t)((size_t)keepsake->place * sizeof(label));
    if (keepsake->place == NOWHERE || !get(keepsake->fd, (char *)&label, sizeof(label), offset))
        return 0;
    return label.sequence < SEQUENCE_MAX ? label.sequence : 0;
}

static void see(struct keepsake *keepsake)
{
    struct text ignored = TEXT_INIT;
    keepsake_read(keepsake, &ignored);
    text_fini(&ignored);
}

/* Its label comes last: until then the place has one that does not fit. */
bool keepsake_write(struct keepsake *keepsake, struct view bytes)
{
    errno = keepsake->fd < 0 ? EBADF : EFBIG;
    if (keepsake->fd < 0 || bytes.len > KEEPSAKE_BYTES_MAX)
        return false;
    if (!keepsake->is_seen)
        see(keepsake);
    int place = keepsake->place == 0;
    struct label label = {.sequence = sequence_of(keepsake) + 1, .len = bytes.len};
    label.sum = sum_of(&label, bytes);
    struct view head = view_of((const char *)&label, sizeof(label));
    if (!put(keepsake->fd, bytes, offset_of(place)) ||
        !put(keepsake->fd, head, (off_t)((size_t)place * sizeof(label))))
        return false;
    keepsake->place = place;
    return true;
}
