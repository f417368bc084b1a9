#include "lb/run/patient_lender.h"

#include <errno.h>
#include <time.h>

#include "lb/base/clock.h"
#include "lb/base/log.h"

#define MS       UINT64_C(1000000)
#define PAUSE_MS 10u

void patient_lender_init(struct patient_lender *patient, struct lender lender)
{
    *patient = (struct patient_lender){.lender = lender};
}

void patient_lender_wait(struct patient_lender *patient, unsigned patience_ms)
{
    patient->until_ns = patience_ms > 0 ? clock_mono_ns() + patience_ms * MS : 0;
    patient->has_told = false;
}

static void tell_once(struct patient_lender *patient, const struct address *at)
{
    char text[ADDRESS_TEXT_BYTES];
    if (!patient->has_told)
        log_info("%s is in use: waiting for who has it to let go of it", address_format(at, text));
    patient->has_told = true;
}

static void pause_a_little(void)
{
    struct timespec time = {.tv_nsec = (long)(PAUSE_MS * MS)};
    nanosleep(&time, NULL);
}

/* Asked once more after the time, which may have been another's. */
static int lend(void *owner, const struct channel_socket *wanted, struct listening *out)
{
    struct patient_lender *patient = owner;
    for (;;) {
        bool is_last = clock_mono_ns() >= patient->until_ns;
        int rc = patient->lender.lend(patient->lender.owner, wanted, out);
        if (rc != -EADDRINUSE || is_last)
            return rc;
        tell_once(patient, &wanted->wanted);
        pause_a_little();
    }
}

static void take_back(void *owner, const struct channel_socket *wanted)
{
    struct patient_lender *patient = owner;
    patient->lender.take_back(patient->lender.owner, wanted);
}

struct lender patient_lender_as_lender(struct patient_lender *patient)
{
    return (struct lender){.lend = lend, .take_back = take_back, .owner = patient};
}
