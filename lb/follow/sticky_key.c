#include "lb/follow/sticky_key.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lb/base/log.h"
#include "lb/base/siphash.h"
#include "lb/base/text.h"

#define FILE_MAX_BYTES 256
#define RANDOM_BYTES   32u

/* ---- from texts ------------------------------------------------------------------------------ */

/* 128 bits of a text of any length. What it is hashed with is no secret. */
static void make_key(struct view secret, unsigned char key[STICKY_KEY_BYTES])
{
    static const struct siphash_key usual = {{UINT64_C(0x6C62737469636B79), 1}};
    struct siphash hash = siphash_of(&usual, &secret, 1);
    memcpy(key, &hash, STICKY_KEY_BYTES);
}

static void make_machine_key(unsigned char key[STICKY_KEY_BYTES])
{
    char bytes[FILE_MAX_BYTES];
    int fd = open("/etc/machine-id", O_RDONLY | O_CLOEXEC);
    ssize_t count = fd < 0 ? 0 : read(fd, bytes, sizeof(bytes));
    if (fd >= 0)
        close(fd);
    make_key(view_of(bytes, count > 0 ? (size_t)count : 0), key);
}

/* ---- from the file --------------------------------------------------------------------------- */

/* Hex digits of random bytes. False, with errno. */
static bool write_secret(int fd)
{
    unsigned char bytes[RANDOM_BYTES];
    struct text text = TEXT_INIT;
    bool is_good = getrandom(bytes, sizeof(bytes), 0) == (ssize_t)sizeof(bytes);
    for (unsigned i = 0; i < RANDOM_BYTES; i++)
        text_appendf(&text, "%02x", bytes[i]);
    text_append_char(&text, '\n');
    is_good = is_good && write(fd, text_str(&text), text.len) == (ssize_t)text.len;
    text_fini(&text);
    return is_good;
}

/* One that is not whole is not left behind. */
static bool make_file(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return errno == EEXIST;
    bool is_good = write_secret(fd);
    is_good = close(fd) == 0 && is_good;
    if (!is_good)
        unlink(path);
    return is_good;
}

/* Gives what is wrong with it; NULL: nothing. */
static const char *read_file(const char *path, unsigned char key[STICKY_KEY_BYTES])
{
    char bytes[FILE_MAX_BYTES];
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return strerror(errno);
    bool is_own = fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == geteuid() &&
                  (info.st_mode & 077) == 0;
    ssize_t count = read(fd, bytes, sizeof(bytes));
    close(fd);
    if (!is_own)
        return "it is not a file that only its owner, who runs lb, may read";
    if (count < STICKY_KEY_BYTES)
        return "it has no secret";
    make_key(view_of(bytes, (size_t)count), key);
    return NULL;
}

static bool find_beside(const char *state_path, unsigned char key[STICKY_KEY_BYTES])
{
    struct text path = TEXT_INIT;
    text_appendf(&path, "%s%s", state_path, STICKY_KEY_SUFFIX);
    const char *wrong =
        make_file(text_str(&path)) ? read_file(text_str(&path), key) : strerror(errno);
    if (wrong)
        log_warn("sticky services: %s cannot be used: %s; the key follows "
                 "from this machine instead; give --sticky-secret FILE",
                 text_str(&path), wrong);
    text_fini(&path);
    return !wrong;
}

void sticky_key_find(const char *secret, const char *state_path,
                     unsigned char key[STICKY_KEY_BYTES])
{
    if (secret)
        make_key(view_str(secret), key);
    else if (!state_path || !find_beside(state_path, key))
        make_machine_key(key);
}

/* ---- who needs it ----------------------------------------------------------------------------- */

bool sticky_key_is_wanted(const struct service_policy *usual, const struct pool_wanted *wanted)
{
    bool is_wanted = usual->balance.is_sticky;
    for (unsigned i = 0; i < wanted->service_count && !is_wanted; i++) {
        struct balance_rule rule;
        is_wanted =
            balance_rule_parse(wanted->services[i].options.values[SERVICE_OPTION_BALANCE], &rule) &&
            rule.is_sticky;
    }
    return is_wanted;
}
