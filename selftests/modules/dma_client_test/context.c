// SPDX-License-Identifier: GPL-2.0
/* Where a step is made. */
#include "client.h"

static enum hrtimer_restart client_expired(struct hrtimer *timer)
{
	struct client_run *run = container_of(timer, struct client_run, timer);

	client_step(run);
	complete(&run->stepped);
	return HRTIMER_NORESTART;
}

static void client_tasklet(struct tasklet_struct *tasklet)
{
	struct client_run *run = from_tasklet(run, tasklet, tasklet);

	client_step(run);
	complete(&run->stepped);
}

static void client_work(struct work_struct *work)
{
	struct client_run *run = container_of(work, struct client_run, work);

	client_step(run);
	complete(&run->stepped);
}

/**
 * client_context_init() - be ready for client_step_in_context()
 * @run: the run
 */
void client_context_init(struct client_run *run)
{
	init_completion(&run->stepped);
	client_timer_setup(&run->timer, client_expired);
	tasklet_setup(&run->tasklet, client_tasklet);
	INIT_WORK(&run->work, client_work);
}

/**
 * client_step_in_context() - have client_step() called where the order says
 * @run: the run
 *
 * Nothing of the context touches the run once this has returned.
 *
 * Context: may sleep.
 */
void client_step_in_context(struct client_run *run)
{
	reinit_completion(&run->stepped);
	switch (run->order.context) {
	case CLIENT_HARDIRQ:
		hrtimer_start(&run->timer, 0, HRTIMER_MODE_REL);
		wait_for_completion(&run->stepped);
		hrtimer_cancel(&run->timer);
		break;
	case CLIENT_SOFTIRQ:
		tasklet_schedule(&run->tasklet);
		wait_for_completion(&run->stepped);
		tasklet_kill(&run->tasklet);
		break;
	case CLIENT_KWORKER:
		schedule_work(&run->work);
		flush_work(&run->work);
		break;
	default:
		client_step(run);
	}
}
