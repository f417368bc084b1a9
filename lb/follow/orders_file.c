#include "lb/follow/orders_file.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lb/base/json_writer.h"
#include "lb/base/memory.h"
#include "lb/contract/limits.h"

#define FILE_BYTES_MAX ((size_t)16 << 20)
#define NOT_REGULAR    "it is no regular file"

static const char *const order_words[] = {
    [ENDPOINT_ORDER_NONE] = "none",
    [ENDPOINT_ORDER_DRAIN] = "drain",
    [ENDPOINT_ORDER_DISABLE] = "disable",
};
#define ORDER_COUNT (sizeof(order_words) / sizeof(order_words[0]))

/* ---- reading --------------------------------------------------------------------------------- */

static bool refuse(struct text *problem, const char *path, const char *what)
{
    text_appendf(problem, "--state %s: %s", path, what);
    return false;
}

/* All of the file. False with errno; EFBIG and EINVAL for what cannot be one of ours. */
static bool read_all(int fd, struct text *out)
{
    char bytes[65536];
    struct stat status;
    ssize_t count;
    if (fstat(fd, &status) < 0)
        return false;
    errno = EINVAL;
    if (!S_ISREG(status.st_mode))
        return false;
    while ((count = read(fd, bytes, sizeof(bytes))) > 0) {
        text_append(out, view_of(bytes, (size_t)count));
        errno = EFBIG;
        if (out->len > FILE_BYTES_MAX)
            return false;
    }
    return count == 0;
}

static bool read_order(const json_t *object, struct orders *orders)
{
    const json_t *id = json_object_get(object, "id");
    const char *word = json_string_value(json_object_get(object, "order"));
    const json_t *weight = json_object_get(object, "weight");
    json_int_t number = json_integer_value(weight);
    size_t order = 0;
    if (!json_is_string(id) || json_string_length(id) == 0 ||
        json_string_length(id) > LIMITS_NAME_BYTES_MAX || !word)
        return false;
    while (order < ORDER_COUNT && strcmp(order_words[order], word) != 0)
        order++;
    if (order == ORDER_COUNT || (weight && !json_is_integer(weight)) || number < 0 ||
        number > (json_int_t)LIMITS_WEIGHT_MAX)
        return false;
    orders_add(orders, json_string_value(id), (enum endpoint_order)order, (unsigned)number);
    return true;
}

/* How many of the elements are good, from the first one on: all, or there is a bad one. */
static size_t read_orders(const json_t *list, struct orders *orders)
{
    size_t count = 0;
    while (count < json_array_size(list) && read_order(json_array_get(list, count), orders))
        count++;
    return count;
}

static bool read_share(const json_t *object, struct service_orders *orders)
{
    const json_t *service = json_object_get(object, "service");
    const json_t *percent = json_object_get(object, "percent");
    json_int_t number = json_integer_value(percent);
    size_t len = json_string_length(service);
    if (!json_is_string(service) || len == 0 || len > LIMITS_NAME_BYTES_MAX ||
        !json_is_integer(percent) || number < 0 || number > 100)
        return false;
    service_orders_share(orders, json_string_value(service), (int)number);
    return true;
}

/* Where lb has ordered none there is no array. */
static bool read_shares(const json_t *list, struct service_orders *orders)
{
    bool is_good = !list || (json_is_array(list) && json_array_size(list) <= LIMITS_ENDPOINTS_MAX);
    for (size_t i = 0; i < json_array_size(list) && is_good; i++)
        is_good = read_share(json_array_get(list, i), orders);
    return is_good;
}

static bool parse(const char *path, const struct text *bytes, struct orders *orders,
                  struct text *problem)
{
    json_error_t error;
    json_t *root = json_loadb(text_str(bytes), bytes->len, JSON_REJECT_DUPLICATES, &error);
    const json_t *list = json_object_get(root, "orders");
    size_t good_count = 0;
    if (!root)
        text_appendf(problem, "--state %s: line %d, column %d: %s", path, error.line, error.column,
                     error.text);
    else if (json_integer_value(json_object_get(root, "v")) != 1 || !json_is_array(list) ||
             json_array_size(list) > LIMITS_ENDPOINTS_MAX)
        refuse(problem, path, "it is no state of lb: want \"v\": 1 and an array \"orders\"");
    else if ((good_count = read_orders(list, orders)) < json_array_size(list))
        text_appendf(problem,
                     "--state %s: orders[%zu]: want an id, an order (none, drain or disable) and a "
                     "weight from 0 to %u",
                     path, good_count, LIMITS_WEIGHT_MAX);
    else if (!read_shares(json_object_get(root, "shares"), &orders->services))
        refuse(problem, path, "shares: want objects of a service and a percent from 0 to 100");
    json_decref(root);
    return problem->len == 0;
}

bool orders_file_read(const char *path, struct orders *orders, struct text *problem)
{
    struct text bytes = TEXT_INIT;
    struct orders found = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return true;
    bool is_good = fd >= 0 && read_all(fd, &bytes);
    bool is_regular = is_good || errno != EINVAL;
    if (!is_good)
        refuse(problem, path, is_regular ? strerror(errno) : NOT_REGULAR);
    if (fd >= 0)
        close(fd);
    is_good = is_good && parse(path, &bytes, &found, problem);
    text_fini(&bytes);
    if (is_good) {
        orders_fini(orders);
        *orders = found;
    } else {
        orders_fini(&found);
        text_append(problem,
                    is_regular ? VIEW("; no order of it is in force, and the next one replaces it")
                               : VIEW("; orders will not be kept: name a file of lb's own"));
    }
    return is_good;
}

/* ---- writing --------------------------------------------------------------------------------- */

static void format_shares(const struct service_orders *orders, struct json_writer *json)
{
    json_writer_key(json, "shares");
    json_writer_begin_array(json);
    for (unsigned i = 0; i < orders->count; i++) {
        if (orders->orders[i].percent == POOL_WANTED_NO_SHARE)
            continue;
        json_writer_begin_object(json);
        json_writer_field_str(json, "service", orders->orders[i].service);
        json_writer_field_uint(json, "percent", (unsigned)orders->orders[i].percent);
        json_writer_end_object(json);
    }
    json_writer_end_array(json);
}

static void format(const struct orders *orders, struct text *out)
{
    struct json_writer json;
    json_writer_init(&json, out);
    json_writer_begin_object(&json);
    json_writer_field_uint(&json, "v", 1);
    json_writer_key(&json, "orders");
    json_writer_begin_array(&json);
    for (unsigned i = 0; i < orders->count; i++) {
        json_writer_begin_object(&json);
        json_writer_field_str(&json, "id", orders->orders[i].id);
        json_writer_field_str(&json, "order", order_words[orders->orders[i].order]);
        json_writer_field_uint(&json, "weight", orders->orders[i].weight);
        json_writer_end_object(&json);
    }
    json_writer_end_array(&json);
    if (orders->services.count > 0)
        format_shares(&orders->services, &json);
    json_writer_end_object(&json);
    text_append_char(out, '\n');
}

static bool write_all(int fd, struct view bytes)
{
    while (bytes.len > 0) {
        ssize_t count = write(fd, bytes.ptr, bytes.len);
        if (count < 0 && errno != EINTR)
            return false;
        bytes = view_skip(bytes, count > 0 ? (size_t)count : 0);
    }
    return fsync(fd) == 0;
}

static bool write_file(const char *path, struct view bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    bool is_good = write_all(fd, bytes);
    int error = errno;
    close(fd);
    errno = error;
    return is_good;
}

/* So that the new name is on the disk too. A file system that cannot do it has done what it can. */
static void sync_folder(const char *path)
{
    struct text folder = TEXT_INIT;
    const char *slash = strrchr(path, '/');
    text_append(&folder, slash ? view_of(path, (size_t)(slash - path) + 1) : VIEW("."));
    int fd = open(text_str(&folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    text_fini(&folder);
}

/* A link may lead to where nothing is yet. */
static void make_end_of_link(const char *path)
{
    struct stat status;
    if (stat(path, &status) == 0 || lstat(path, &status) < 0)
        return;
    int fd = open(path, O_WRONLY | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
}

/* What is replaced: where links lead to, and nothing but a regular file. A device or a pipe under
 * that name is somebody else's, and root could replace it. False with errno. */
static bool find_target(const char *path, struct text *target)
{
    struct stat status;
    make_end_of_link(path);
    char *real = realpath(path, NULL);
    if (!real && errno != ENOENT)
        return false;
    text_append(target, view_str(real ? real : path));
    free(real);
    if (stat(path, &status) < 0)
        return errno == ENOENT;
    errno = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
    return S_ISREG(status.st_mode);
}

static bool replace(const char *path, struct view bytes)
{
    struct text beside = TEXT_INIT;
    text_appendf(&beside, "%s.new", path);
    bool is_good = write_file(text_str(&beside), bytes) && rename(text_str(&beside), path) == 0;
    if (is_good)
        sync_folder(path);
    text_fini(&beside);
    return is_good;
}

bool orders_file_write(const char *path, const struct orders *orders, struct text *problem)
{
    struct text bytes = TEXT_INIT, target = TEXT_INIT;
    format(orders, &bytes);
    bool is_good = find_target(path, &target) && replace(text_str(&target), text_view(&bytes));
    if (!is_good)
        text_appendf(problem,
                     "--state %s: %s; orders hold, but not when lb is started again: lb must be "
                     "able to write in that folder",
                     path, errno == EINVAL ? NOT_REGULAR : strerror(errno));
    text_fini(&bytes);
    text_fini(&target);
    return is_good;
}
