#include "lb/jail/jail_powers.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#define READS_ALL (1u << CAP_DAC_READ_SEARCH)
#define KEPT      (1u << CAP_DAC_OVERRIDE | READS_ALL)

struct powers {
    struct __user_cap_header_struct header;
    struct __user_cap_data_struct words[_LINUX_CAPABILITY_U32S_3];
};

static int get(struct powers *powers)
{
    *powers = (struct powers){.header = {.version = _LINUX_CAPABILITY_VERSION_3}};
    return syscall(SYS_capget, &powers->header, powers->words) < 0 ? -errno : 0;
}

static int set(struct powers *powers)
{
    return syscall(SYS_capset, &powers->header, powers->words) < 0 ? -errno : 0;
}

int jail_powers_drop(void)
{
    struct powers powers;
    int rc = get(&powers);
    if (rc < 0)
        return rc;
    powers.words[0].effective &= KEPT;
    powers.words[0].permitted &= KEPT;
    powers.words[0].inheritable = 0;
    powers.words[1] = (struct __user_cap_data_struct){0};
    return set(&powers);
}

bool jail_powers_read_all(void)
{
    struct powers powers;
    return get(&powers) == 0 && (powers.words[0].effective & READS_ALL);
}

int jail_powers_keep_reading(void)
{
    struct powers powers;
    int rc = get(&powers);
    if (rc < 0)
        return rc;
    powers.words[0].permitted &= READS_ALL;
    powers.words[0].effective = powers.words[0].permitted;
    powers.words[0].inheritable = 0;
    powers.words[1] = (struct __user_cap_data_struct){0};
    return set(&powers);
}

int jail_powers_stop_reading(void)
{
    struct powers powers;
    int rc = get(&powers);
    if (rc < 0 || !(powers.words[0].permitted & READS_ALL))
        return rc;
    powers.words[0].permitted &= ~READS_ALL;
    powers.words[0].effective &= ~READS_ALL;
    powers.words[0].inheritable &= ~READS_ALL;
    return set(&powers);
}
