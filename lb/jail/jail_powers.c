#include "lb/jail/jail_powers.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KEPT (1u << CAP_DAC_OVERRIDE | 1u << CAP_DAC_READ_SEARCH)

int jail_powers_drop(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct powers[_LINUX_CAPABILITY_U32S_3] = {{0}};
    if (syscall(SYS_capget, &header, powers) < 0)
        return -errno;
    powers[0].effective &= KEPT;
    powers[0].permitted &= KEPT;
    powers[1] = (struct __user_cap_data_struct){0};
    powers[0].inheritable = 0;
    return syscall(SYS_capset, &header, powers) < 0 ? -errno : 0;
}
