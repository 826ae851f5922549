-- What has to be so of the data of the demonstration. A statement a rule; what is there already stays as it is.

-- ORDERS
CREATE QUALITY RULE total_is_positive ON tpch.orders CHECK range(o_totalprice, 0.01, NULL)
    SEVERITY critical COMMENT = 'An order costs something';
CREATE QUALITY RULE date_not_in_future ON tpch.orders CHECK range(o_orderdate, NULL, current_date)
    COMMENT = 'Nobody orders tomorrow';
CREATE QUALITY RULE status_is_known ON tpch.orders CHECK accepted_values(o_orderstatus, 'O', 'F', 'P');
CREATE QUALITY RULE clerk_is_named ON tpch.orders CHECK regex(o_clerk, '^Clerk#[0-9]{9}$') SEVERITY info;
CREATE QUALITY RULE customer_exists ON tpch.orders CHECK references(o_custkey, tpch.customer, c_custkey)
    SEVERITY critical;
CREATE QUALITY RULE has_lines ON tpch.orders CHECK no_orphans(o_orderkey, tpch.lineitem, l_orderkey)
    COMMENT = 'Every order has lines';
-- The generator rounds each line twice, by less than a cent each time.
CREATE QUALITY RULE total_is_that_of_its_lines ON tpch.orders CHECK custom('
    SELECT o.o_orderkey, o.o_totalprice, l.total FROM tpch.orders o JOIN (
        SELECT l_orderkey, sum(l_extendedprice * (1 - l_discount) * (1 + l_tax)) AS total FROM tpch.lineitem
        GROUP BY l_orderkey) l ON l.l_orderkey = o.o_orderkey
    WHERE abs(o.o_totalprice - l.total) > 0.2')
    COMMENT = 'The total of an order is the sum of its lines';
CREATE QUALITY RULE status_fits_lines ON tpch.orders CHECK custom('
    SELECT o.o_orderkey, o.o_orderstatus, l.status FROM tpch.orders o JOIN (
        SELECT l_orderkey, CASE WHEN min(l_linestatus) = max(l_linestatus) THEN min(l_linestatus) ELSE ''P'' END AS status
        FROM tpch.lineitem GROUP BY l_orderkey) l ON l.l_orderkey = o.o_orderkey
    WHERE o.o_orderstatus <> l.status')
    COMMENT = 'Finished if all lines are, open if none is, else partly';

-- LINEITEM
CREATE QUALITY RULE quantity_is_positive ON tpch.lineitem CHECK range(l_quantity, 1, NULL) SEVERITY critical;
CREATE QUALITY RULE discount_in_range ON tpch.lineitem CHECK range(l_discount, 0, 0.10);
CREATE QUALITY RULE tax_in_range ON tpch.lineitem CHECK range(l_tax, 0, 0.08) SEVERITY warning;
CREATE QUALITY RULE status_is_known ON tpch.lineitem CHECK accepted_values(l_linestatus, 'O', 'F');
CREATE QUALITY RULE flag_is_known ON tpch.lineitem CHECK accepted_values(l_returnflag, 'A', 'N', 'R');
CREATE QUALITY RULE received_after_shipped ON tpch.lineitem CHECK compare(l_shipdate, <=, l_receiptdate)
    COMMENT = 'Nothing arrives before it was sent';
-- An order with a date in the future is another rule's.
CREATE QUALITY RULE shipped_after_ordered ON tpch.lineitem CHECK custom('
    SELECT l.l_orderkey, l.l_linenumber, l.l_shipdate, o.o_orderdate FROM tpch.lineitem l
    JOIN tpch.orders o ON o.o_orderkey = l.l_orderkey
    WHERE l.l_shipdate < o.o_orderdate AND o.o_orderdate <= current_date')
    COMMENT = 'Nothing is sent before it was ordered';

-- CUSTOMER
CREATE QUALITY RULE phone_is_a_number ON tpch.customer
    CHECK regex(c_phone, '^[0-9]{2}-[0-9]{3}-[0-9]{3}-[0-9]{4}$');
CREATE QUALITY RULE comment_is_there ON tpch.customer CHECK not_blank(c_comment)
    SEVERITY info DIMENSION completeness;
CREATE QUALITY RULE segment_is_known ON tpch.customer
    CHECK accepted_values(c_mktsegment, 'AUTOMOBILE', 'BUILDING', 'FURNITURE', 'HOUSEHOLD', 'MACHINERY');
CREATE QUALITY RULE balance_in_range ON tpch.customer CHECK range(c_acctbal, -999.99, 9999.99) SEVERITY warning;
CREATE QUALITY RULE nation_exists ON tpch.customer CHECK references(c_nationkey, tpch.nation, n_nationkey)
    SEVERITY critical;

-- PART, SUPPLIER, PARTSUPP, NATION
CREATE QUALITY RULE price_is_positive ON tpch.part CHECK range(p_retailprice, 0.01, NULL) SEVERITY critical;
CREATE QUALITY RULE size_in_range ON tpch.part CHECK range(p_size, 1, 50) SEVERITY warning;
CREATE QUALITY RULE brand_is_named ON tpch.part CHECK regex(p_brand, '^Brand#[1-5][1-5]$');
CREATE QUALITY RULE one_each ON tpch.part CHECK unique(p_partkey) SEVERITY critical;
CREATE QUALITY RULE phone_is_a_number ON tpch.supplier
    CHECK regex(s_phone, '^[0-9]{2}-[0-9]{3}-[0-9]{3}-[0-9]{4}$');
CREATE QUALITY RULE nation_exists ON tpch.supplier CHECK references(s_nationkey, tpch.nation, n_nationkey)
    SEVERITY critical;
CREATE QUALITY RULE name_is_there ON tpch.supplier CHECK not_blank(s_name);
CREATE QUALITY RULE one_of_each_pair ON tpch.partsupp CHECK primary_key(ps_partkey, ps_suppkey)
    SEVERITY critical;
CREATE QUALITY RULE stock_not_negative ON tpch.partsupp CHECK range(ps_availqty, 0, NULL);
CREATE QUALITY RULE cost_is_positive ON tpch.partsupp CHECK range(ps_supplycost, 0.01, NULL);
CREATE QUALITY RULE part_exists ON tpch.partsupp CHECK references(ps_partkey, tpch.part, p_partkey)
    SEVERITY critical;
CREATE QUALITY RULE all_nations ON tpch.nation CHECK row_count(25, 25) SEVERITY critical;
CREATE QUALITY RULE name_is_unique ON tpch.nation CHECK unique(n_name);
CREATE QUALITY RULE region_exists ON tpch.nation CHECK references(n_regionkey, tpch.region, r_regionkey);

-- The pipelines
CREATE QUALITY RULE day_is_unique ON analytics.order_analytics_incremental CHECK unique(order_date)
    SEVERITY critical;
CREATE QUALITY RULE states_within_orders ON analytics.order_analytics_incremental
    CHECK expression(open_orders + finished_orders <= order_count);
CREATE QUALITY RULE average_within ON analytics.order_analytics_incremental
    CHECK expression(average_order_value BETWEEN smallest_order AND largest_order);
CREATE QUALITY RULE within_target_lag ON analytics.order_analytics_incremental CHECK lag_met();

CREATE QUALITY RULE customer_is_unique ON analytics.customer_ltv_incremental CHECK unique(customer_key)
    SEVERITY critical;
CREATE QUALITY RULE segment_is_known ON analytics.customer_ltv_incremental
    CHECK accepted_values(segment, 'PLATINUM', 'GOLD', 'SILVER', 'BRONZE', 'PROSPECT');
CREATE QUALITY RULE no_orders_no_value ON analytics.customer_ltv_incremental
    CHECK conditional(order_count = 0, segment = 'PROSPECT' AND lifetime_value = 0);
CREATE QUALITY RULE value_not_negative ON analytics.customer_ltv_incremental
    CHECK range(lifetime_value, 0, NULL);
CREATE QUALITY RULE first_before_last ON analytics.customer_ltv_incremental
    CHECK compare(first_order, <=, last_order);

CREATE QUALITY RULE all_nations ON analytics.nation_ltv CHECK row_count(25, 25) SEVERITY critical;
CREATE QUALITY RULE segments_add_up ON analytics.nation_ltv
    CHECK expression(customers = platinum + gold + silver + bronze + prospects);

CREATE QUALITY RULE one_a_month ON analytics.monthly_sales_summary CHECK unique_combination(nation, month)
    SEVERITY critical;
CREATE QUALITY RULE revenue_is_positive ON analytics.monthly_sales_summary CHECK range(revenue, 0.01, NULL);

CREATE QUALITY RULE product_is_unique ON analytics.product_performance_full CHECK unique(product_key)
    SEVERITY critical;
CREATE QUALITY RULE supplier_is_known ON analytics.product_performance_full CHECK not_null(top_supplier);
CREATE QUALITY RULE stock_not_negative ON analytics.product_performance_full CHECK range(available, 0, NULL);

CREATE QUALITY RULE day_is_unique ON analytics.daily_order_base CHECK unique(order_date) SEVERITY critical;
CREATE QUALITY RULE a_week_without_gap ON analytics.daily_order_base CHECK no_gaps(order_date, '7 days')
    SEVERITY warning;

CREATE QUALITY RULE week_is_unique ON analytics.weekly_trends CHECK unique(week) SEVERITY critical;
-- The live orders are all of the last weeks, which are in no season.
CREATE QUALITY RULE revenue_within_season ON analytics.weekly_trends CHECK custom('
    SELECT week, revenue, season FROM (
        SELECT week, revenue, avg(revenue) OVER (ORDER BY week ROWS BETWEEN 26 PRECEDING AND 26 FOLLOWING) AS season
        FROM analytics.weekly_trends WHERE week BETWEEN date ''1992-01-06'' AND date ''1998-06-22'') w
    WHERE revenue NOT BETWEEN 0.5 * season AND 1.5 * season')
    SEVERITY warning TOLERANCE 5 PERCENT COMMENT = 'A week sells as much as half a year around it';
