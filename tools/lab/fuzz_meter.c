// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer on the meter of an engine's load: any cookies at any times, among them
 * channels acquired anew and clocks that go back.
 */
#include "fuzz_input.h"
#include "meter/load.h"

/* An engine rests no longer, and a tick that speaks for others is not that late */
#define STEP_MAX_NS	(100ULL * 1000000000)
#define TICK_MAX_NS	(10ULL * 1000000000)
/* Transfers are no longer */
#define LEN_MAX		BIT(24)

static struct dam_load load;

static void submit(struct fuzz_input *in, u64 now, s32 *cookie, s32 completed)
{
	u32 len = fuzz_u64(in) % LEN_MAX;

	dam_load_sample(&load, now, *cookie, completed, len);
	*cookie = (s32)((u32)*cookie + fuzz_below(in, 3));
}

static void tick(struct fuzz_input *in, u64 now, s32 cookie, s32 completed)
{
	u8 bits = fuzz_u8(in);
	u64 dt = now - load.ticked;
	bool one_of_many = (bits & 1) && dt < TICK_MAX_NS;
	u32 depth = dam_load_tick(&load, now, cookie, completed, one_of_many, bits & 2);

	fuzz_must(depth <= DAM_ADVANCE_MAX);
	if ((s64)dt >= 0) {
		fuzz_must(dam_load_take_busy(&load, dt) <= dt);
		fuzz_must(dam_load_take_depth(&load, dt) / DAM_ADVANCE_MAX <= dt);
	}
	load.done = 0;
	load.full = 0;
	load.full_ops = 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	s32 cookie = 0, completed = 0;
	u64 now = 0;

	load = (struct dam_load){ 0 };
	while (!fuzz_ended(&in)) {
		u8 what = fuzz_u8(&in);

		now += fuzz_u64(&in) % STEP_MAX_NS;
		switch (what % 6) {
		case 0:
			tick(&in, now, cookie, completed);
			break;
		case 1:
			completed = (s32)((u32)completed +
					  fuzz_below(&in, (u32)cookie - (u32)completed + 1 ? : 1));
			break;
		case 2:
			cookie = (s32)fuzz_u64(&in);
			completed = (s32)fuzz_u64(&in);
			break;
		case 3:
			dam_load_abort(&load);
			break;
		default:
			submit(&in, now, &cookie, completed);
			break;
		}
	}
	return 0;
}
