SELECT site_id, day, hour, CAST(toInt8(kind), 'Enum8(\'pageview\' = 1, \'custom\' = 2)') AS kind, name, host, path, source, channel, referrer,
       utm_source, utm_medium, utm_campaign, utm_content, utm_term, country, browser, os, device, props,
       revenue, currency, {goals} AS goals, view_engaged_ms AS engaged_ms, view_scroll AS scroll, view_vitals AS vitals,
       toUInt8(visitor != 0 AND nth_of_visitor = 1) AS is_visitor,
       toUInt8(visit != 0 AND nth_of_visit = 1) AS is_visit,
       toUInt8(visitor != 0 AND nth_of_source = 1) AS is_source_visitor,
       toUInt8(visitor != 0 AND is_view AND nth_of_path = 1) AS is_page_visitor,
       toUInt8(visit != 0 AND is_view AND nth_of_path_in_visit = 1) AS is_page_visit,
       toUInt8(visitor != 0 AND NOT is_view AND nth_of_name = 1) AS is_goal_visitor,
       toUInt8(visit != 0 AND is_view AND nth_from_end = 1) AS is_exit,
       toUInt8(visit != 0 AND nth_of_visit = 1 AND views <= 1 AND interactions = 0) AS is_bounce,
       toUInt32(if(visit != 0 AND nth_of_visit = 1, visit_end - visit_start, 0)) AS visit_seconds,
       toUInt16(if(visit != 0 AND nth_of_visit = 1, least(views, 65535), 0)) AS visit_views,
       toUInt32(if(visit != 0 AND nth_of_visit = 1, least(engaged_sum, 4294967295), 0)) AS visit_engaged_ms,
       {visit_goals} AS visit_goals,
       {visitor_goals} AS visitor_goals,
       {funnels} AS funnels
FROM
(
    SELECT *,
           groupBitOr(goal_mask) OVER (PARTITION BY day, visitor, visit) AS visit_goal_mask,
           groupArrayIf({step_rows_max})(step_mask, step_mask != 0) OVER (PARTITION BY day, visitor, visit ORDER BY ts, batch, seq ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS visit_steps,
           groupBitOr(goal_mask) OVER (PARTITION BY day, visitor ORDER BY ts, batch, seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS earlier_goal_mask,
           bitAnd(goal_mask, bitNot(earlier_goal_mask)) AS new_goal_mask,
           row_number() OVER (PARTITION BY day, visitor ORDER BY ts, batch, seq) AS nth_of_visitor,
           row_number() OVER (PARTITION BY day, visitor, visit ORDER BY ts, batch, seq) AS nth_of_visit,
           row_number() OVER (PARTITION BY day, visitor, source ORDER BY ts, batch, seq) AS nth_of_source,
           row_number() OVER (PARTITION BY day, visitor, is_view, path ORDER BY ts, batch, seq) AS nth_of_path,
           row_number() OVER (PARTITION BY day, visitor, visit, is_view, path ORDER BY ts, batch, seq) AS nth_of_path_in_visit,
           row_number() OVER (PARTITION BY day, visitor, is_view, name ORDER BY ts, batch, seq) AS nth_of_name,
           row_number() OVER (PARTITION BY day, visitor, visit, is_view ORDER BY ts DESC, batch DESC, seq DESC) AS nth_from_end,
           countIf(is_view) OVER (PARTITION BY day, visitor, visit) AS views,
           countIf(NOT is_view AND interactive) OVER (PARTITION BY day, visitor, visit) AS interactions,
           sum(view_engaged_ms) OVER (PARTITION BY day, visitor, visit) AS engaged_sum
    FROM
    (
        SELECT *,
               kind = 'pageview' AS is_view,
               {goal_mask} AS goal_mask,
               {step_mask} AS step_mask,
               if(toDate(ts, {tz}) > day, 23, toHour(ts, {tz})) AS hour,
               if(is_view, maxIf(engaged_ms, kind = 'engagement') OVER (PARTITION BY day, visitor, visit, page_view), 0) AS view_engaged_ms,
               if(is_view, maxIf(scroll, kind = 'engagement') OVER (PARTITION BY day, visitor, visit, page_view), 0) AS view_scroll,
               if(is_view, argMaxIf(vitals, (ts, batch, seq), kind = 'engagement' AND notEmpty(vitals)) OVER (PARTITION BY day, visitor, visit, page_view), map()) AS view_vitals,
               toUnixTimestamp(min(ts) OVER (PARTITION BY day, visitor, visit)) AS visit_start,
               toUnixTimestamp(max(ts) OVER (PARTITION BY day, visitor, visit)) AS visit_end
        FROM
        (
            -- A browser that heard no answer sends the event again, under the same number.
            SELECT * FROM {db}.events_hot WHERE {condition} LIMIT 1 BY day, visitor, kind, event_id
        )
    )
    WHERE kind != 'engagement'
)
