SELECT site_id, day, goal, path, count() AS people
FROM
(
    -- Of each visitor and goal, the first visit of the day that reached it.
    SELECT site_id, day, visitor, one.1 AS goal,
           arrayFirstIndex(step -> bitAnd(step.6, one.2) != 0, steps) AS place,
           (steps[place].1, steps[place].2, steps[place].3) AS reached_at,
           arrayCompact(arrayMap(step -> step.5, arrayFilter(step -> step.4, arraySlice(steps, 1, place - 1)))) AS pages,
           if(empty(pages), [''], arraySlice(pages, -{pages_max})) AS path
    FROM
    (
        SELECT site_id, day, visitor, visit,
               arraySort(groupArray((ts, batch, seq, is_view, path, goal_mask, event_id))) AS sent,
               -- A browser that heard no answer sends the event again, under the same number. Sorted out
               -- visit by visit: LIMIT BY would keep a table of all the day's events in memory.
               arraySlice(arrayFilter((step, time) -> time = 1, sent, arrayEnumerateUniq(sent.4, sent.7)), 1, {rows_max}) AS steps
        FROM
        (
            SELECT *, kind = 'pageview' AS is_view, {goal_mask} AS goal_mask
            FROM {db}.events_hot WHERE {condition} AND kind != 'engagement' AND visitor != 0 AND visit != 0
        )
        GROUP BY site_id, day, visitor, visit
        HAVING groupBitOr(goal_mask) != 0
    )
    ARRAY JOIN [{goals}] AS one
    WHERE place > 0
    ORDER BY reached_at
    LIMIT 1 BY day, visitor, goal
)
GROUP BY site_id, day, goal, path
