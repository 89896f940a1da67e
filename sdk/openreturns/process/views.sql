-- The views over the process's tables. After each `view`: its name and what it answers; then its query.
-- `{..}` is what differs by database: see views.py.

-- view effects: What became of each thing that was to be done in another system, by its key.
SELECT s.number, e.key, {step} AS step, {subject} AS subject, {system} AS system, {status} AS status,
    {attempts} AS attempts, {kind} AS kind, {problems} AS problems, {at} AS at
FROM return_state s, {each_effect}

-- view milestones: When each return was requested, authorized, received, inspected and credited first.
WITH happened AS (
    SELECT number,
        min(CASE WHEN type = 'return.requested' THEN at END) AS requested,
        min(CASE WHEN type = 'goods.received' THEN at END) AS received,
        min(CASE WHEN type = 'goods.inspected' THEN at END) AS inspected
    FROM inbox
    WHERE status = 'applied'
    GROUP BY number
), done AS (
    SELECT number,
        min(CASE WHEN step = 'authorize' THEN finished END) AS authorized,
        min(CASE WHEN step = 'issue_credit' THEN finished END) AS credited
    FROM command
    WHERE status = 'done'
    GROUP BY number
)
SELECT s.number, s.stage, s.currency, s.value_minor, s.credited_minor,
    happened.requested, done.authorized, happened.received, happened.inspected, done.credited
FROM return_state s
LEFT JOIN happened ON happened.number = s.number
LEFT JOIN done ON done.number = s.number

-- view stage_board: How many returns are in each stage, what they are worth, since when, and whom they wait for.
SELECT stage, waits_for, priority, currency, count(*) AS returns, sum(value_minor) AS value_minor,
    sum(credited_minor) AS credited_minor, sum(dead) AS dead_letters, min(entered) AS oldest
FROM return_state
GROUP BY stage, waits_for, priority, currency

-- view cycle_time: How long each leg takes: half of the returns, and nine in ten, within so many seconds.
WITH known AS (
    SELECT requested, authorized, received, inspected, credited FROM milestones
), ends AS (
    SELECT 'request_to_rma' AS leg, requested AS began, authorized AS ended FROM known
    UNION ALL SELECT 'rma_to_receipt', authorized, received FROM known
    UNION ALL SELECT 'receipt_to_inspection', received, inspected FROM known
    UNION ALL SELECT 'inspection_to_credit', inspected, credited FROM known
    UNION ALL SELECT 'request_to_credit', requested, credited FROM known
), legs AS (
    SELECT leg, CASE WHEN ended > began THEN ended - began ELSE 0 END AS took
    FROM ends WHERE began IS NOT NULL AND ended IS NOT NULL
), ranked AS (
    SELECT leg, took, row_number() OVER (PARTITION BY leg ORDER BY took) AS place,
        count(*) OVER (PARTITION BY leg) AS returns
    FROM legs
)
SELECT leg, max(returns) AS returns,
    max(CASE WHEN place = (returns * 50 + 99) / 100 THEN took END) / 1000000 AS p50_seconds,
    max(CASE WHEN place = (returns * 90 + 99) / 100 THEN took END) / 1000000 AS p90_seconds
FROM ranked
GROUP BY leg

-- view credit_backlog: What inspected goods are worth that are not credited, by days since the inspection.
WITH waiting AS (
    SELECT currency, value_minor - credited_minor AS left_minor, ({now} - inspected) / 86400000000 AS days
    FROM milestones
    WHERE inspected IS NOT NULL AND stage IN ('awaiting_inspection', 'crediting', 'awaiting_credit_approval')
)
SELECT CASE WHEN days <= 2 THEN '0-2' WHEN days <= 5 THEN '3-5' WHEN days <= 10 THEN '6-10' ELSE '>10' END AS days,
    currency, count(*) AS returns, sum(left_minor) AS value_minor
FROM waiting
GROUP BY 1, currency

-- view stalled: Returns that have been in their stage for longer than agreed, and whom they wait for.
WITH late AS (
    SELECT s.number, s.stage, s.waits_for, s.entered, s.priority, s.currency, s.value_minor,
        coalesce(
            (SELECT min(f.first_seen) FROM finding f
                WHERE f.number = s.number AND f.source = 'process' AND f.code = 'overdue'
                AND substr(f.subject, 1, length(s.stage) + 1) = s.stage || '/' AND f.first_seen >= s.entered),
            (SELECT min(d.at) FROM deadline d
                WHERE d.number = s.number AND d.name = 'stage/' || s.stage AND d.at < {now})
        ) AS overdue_since
    FROM return_state s
    WHERE s.stage NOT IN ('closed', 'declined', 'cancelled', 'expired')
)
SELECT * FROM late WHERE overdue_since IS NOT NULL

-- view posting_gaps: What is decided and not posted: goods not moved, not credited, a case not told.
SELECT s.number,
    CASE e.step WHEN 'receive' THEN 'received, not in the ERP'
        WHEN 'post_adjustment' THEN 'dispositioned, stock not moved'
        WHEN 'issue_credit' THEN 'credit decided, not issued'
        ELSE 'credited, the case not told' END AS gap,
    e.subject, e.system, e.status, e.at AS since, s.currency, s.value_minor
FROM effects e JOIN return_state s ON s.number = e.number
WHERE e.status NOT IN ('done', 'discarded')
    AND (e.step IN ('receive', 'post_adjustment', 'issue_credit')
        OR (e.step = 'update_case' AND s.status IN ('credited', 'closed')))
UNION ALL
SELECT s.number, 'stock moved, not credited', '', '', s.stage, max(e.at), s.currency, s.value_minor
FROM effects e JOIN return_state s ON s.number = e.number
WHERE e.step = 'post_adjustment' AND e.status = 'done'
    AND s.stage NOT IN ('closed', 'declined', 'cancelled', 'expired')
    AND NOT EXISTS (SELECT 1 FROM effects c WHERE c.number = s.number AND c.step = 'issue_credit')
GROUP BY s.number, s.stage, s.currency, s.value_minor

-- view out_of_sync: What systems hold differently, as the last reconciliation found it.
SELECT number, code, subject, message, systems, currency, value_minor, owner, action, first_seen, last_seen
FROM finding
WHERE source IN ('reconciliation', 'inbox') AND gone IS NULL AND systems <> 'process'

-- view financial_leakage: Money lost without any system being wrong, as the last reconciliation found it.
SELECT number, code, subject, message, currency, value_minor, owner, action, first_seen, last_seen
FROM finding
WHERE source = 'reconciliation' AND gone IS NULL AND systems = 'process'

-- view approvals: What waits for somebody to agree, since when; and approvals that were refused, with the reason.
SELECT number, 'waiting' AS status, waits_for AS what, entered AS since, currency, value_minor
FROM return_state
WHERE stage IN ('awaiting_approval', 'awaiting_credit_approval')
UNION ALL
SELECT i.number, 'refused', i.reason, i.received, s.currency, s.value_minor
FROM inbox i JOIN return_state s ON s.number = i.number
WHERE i.type IN ('approval.given', 'approval.refused') AND i.status = 'kept' AND i.reason IN ('segregation', 'limit', 'nobody')

-- view vendor_health: How each system does: what is open, refused or unknown; its budget and its circuit breaker.
WITH told AS (
    SELECT system,
        count(CASE WHEN finished IS NULL THEN 1 END) AS open,
        min(CASE WHEN finished IS NULL THEN given END) AS oldest,
        count(CASE WHEN status = 'done' THEN 1 END) AS done,
        count(CASE WHEN attempt > 1 THEN 1 END) AS retries,
        count(CASE WHEN status = 'later' THEN 1 END) AS later,
        count(CASE WHEN status = 'rejected' THEN 1 END) AS rejected,
        count(CASE WHEN status = 'held' THEN 1 END) AS unknown
    FROM command
    GROUP BY system
), live AS (
    SELECT system, sum(running) AS running, sum(concurrent) AS concurrent, sum(used) AS used, sum(calls) AS calls,
        max(per_seconds) AS per_seconds, max(failures) AS failures, max(left_alone_until) AS left_alone_until
    FROM vendor
    WHERE at > {now} - 60000000
    GROUP BY system
), named AS (
    SELECT system FROM told UNION SELECT system FROM live
)
SELECT named.system, coalesce(told.open, 0) AS open, told.oldest, coalesce(told.done, 0) AS done,
    coalesce(told.retries, 0) AS retries, coalesce(told.later, 0) AS later,
    coalesce(told.rejected, 0) AS rejected, coalesce(told.unknown, 0) AS unknown,
    live.running, live.concurrent, live.used, live.calls, live.per_seconds, live.failures, live.left_alone_until
FROM named
LEFT JOIN told ON told.system = named.system
LEFT JOIN live ON live.system = named.system

-- view dead_letters: What only a person can take further: where, why, since when, and the value that is held.
SELECT e.number, e.key, e.step, e.subject, e.system, e.status, e.kind, e.problems, e.attempts, e.at AS since,
    s.currency, s.value_minor
FROM effects e JOIN return_state s ON s.number = e.number
WHERE s.dead > 0 AND e.status IN ('rejected', 'held', 'poison')
UNION ALL
SELECT i.number, i.id, i.type, '', '', i.status, i.reason, i.why, i.runs, i.received, s.currency, s.value_minor
FROM inbox i LEFT JOIN return_state s ON s.number = i.number
WHERE i.status = 'kept' AND (i.reason = 'poison' OR (s.number IS NULL AND i.reason <> 'discarded'))
