#include "lb/pool/retry_budget.h"

#define ONE_RETRY_PERCENT 100u

static unsigned max_percent(const struct retry_budget *budget)
{
    return budget->share_percent > 0 ? RETRY_BUDGET_SAVED_MAX * ONE_RETRY_PERCENT : 0;
}

void retry_budget_init(struct retry_budget *budget, unsigned share_percent)
{
    budget->share_percent = share_percent;
    budget->saved_percent = max_percent(budget);
}

void retry_budget_set_share(struct retry_budget *budget, unsigned share_percent)
{
    if (budget->share_percent == 0 || share_percent == 0)
        retry_budget_init(budget, share_percent);
    else
        budget->share_percent = share_percent;
}

void retry_budget_earn(struct retry_budget *budget)
{
    unsigned max = max_percent(budget);
    budget->saved_percent += budget->share_percent;
    if (budget->saved_percent > max)
        budget->saved_percent = max;
}

bool retry_budget_spend(struct retry_budget *budget)
{
    if (budget->saved_percent < ONE_RETRY_PERCENT)
        return false;
    budget->saved_percent -= ONE_RETRY_PERCENT;
    return true;
}
