"""The files of county assessors and probate courts, as data."""

from __future__ import annotations

from leadflow.imports.rules.headers import table
from leadflow.imports.rules.vendors import layout

NOMINAL = 1_000_00
"""Cents; a deed for less names no price: $100 stands for "other valuable consideration" (the same guide)."""

FLORIDA_NAL = layout(
    "florida_nal",
    "Florida county roll (NAL)",
    [["CO_NO", "PHY_ADDR1", "OWN_NAME"]],
    table(
        {
            "CO_NO": "county", "PARCEL_ID": "apn", "JV": "estimated_value", "AV_SD": "assessed_value",
            "LND_SQFOOT": "lot_sqft", "ACT_YR_BLT": "year_built", "TOT_LVG_AREA": "building_sqft",
            "SALE_PRC1": "last_sale_amount", "OWN_NAME": "owner_roll", "OWN_ADDR1": "mailing_street",
            "OWN_ADDR2": "mailing_unit", "OWN_CITY": "mailing_city", "OWN_STATE": "mailing_state",
            "OWN_ZIPCD": "mailing_zip", "FIDU_NAME": "fiduciary_name", "PHY_ADDR1": "street", "PHY_ADDR2": "unit",
            "PHY_CITY": "city", "PHY_ZIPCD": "zip",
        },
        extra=(
            "FILE_T", "ASMNT_YR", "BAS_STRT", "ATV_STRT", "GRP_NO", "DOR_UC", "PA_UC", "TV_SD", "LND_VAL", "IMP_QUAL",
            "CONST_CLASS", "EFF_YR_BLT", "NO_BULDNG", "NO_RES_UNTS", "SALE_YR1", "SALE_MO1", "OR_BOOK1", "OR_PAGE1",
            "QUAL_CD1", "OWN_STATE_DOM", "FIDU_ADDR1", "FIDU_CITY", "FIDU_STATE", "FIDU_ZIPCD", "S_LEGAL", "ALT_KEY",
            "NBRHD_CD",
        ),
    ),
    fixed={"state": "FL"},
    nominal=NOMINAL,
)  # fmt: skip

HARRIS = layout(
    "harris_real_acct",
    "Harris County roll (real_acct)",
    [["acct", "mailto", "site_addr_1"]],
    table(
        {
            "acct": "apn", "mailto": "care_of", "mail_addr_1": "mailing_street", "mail_addr_2": "mailing_unit",
            "mail_city": "mailing_city", "mail_state": "mailing_state", "mail_zip": "mailing_zip",
            "site_addr_1": "street", "site_addr_2": "city", "site_addr_3": "zip", "tot_appr_val": "assessed_value",
            "tot_mkt_val": "estimated_value", "bld_ar": "building_sqft", "land_ar": "lot_sqft",
        },
        extra=("yr",),
    ),
    fixed={"state": "TX", "county": "Harris"},
)  # fmt: skip
"""It names no owner: those stand in another file of the county."""

DALLAS = layout(
    "dallas_account_info",
    "Dallas County roll (ACCOUNT_INFO)",
    [["ACCOUNT_NUM", "OWNER_NAME1", "FULL_STREET_NAME"]],
    table(
        {
            "ACCOUNT_NUM": "apn", "OWNER_NAME1": "owner_roll", "OWNER_NAME2": "owner_2_name",
            "OWNER_ADDRESS_LINE1": "care_of", "OWNER_ADDRESS_LINE2": "mailing_street", "OWNER_CITY": "mailing_city",
            "OWNER_STATE": "mailing_state", "OWNER_ZIPCODE": "mailing_zip", "STREET_NUM": "street_number",
            "FULL_STREET_NAME": "street", "UNIT_ID": "unit", "PROPERTY_CITY": "city", "PROPERTY_ZIPCODE": "zip",
            "DEED_TXFR_DATE": "last_sale_on",
        },
        extra=(
            "APPRAISAL_YR", "BIZ_NAME", "EXCLUDE_OWNER", "OWNER_ADDRESS_LINE3", "OWNER_ADDRESS_LINE4", "NBHD_CD",
            *(f"LEGAL{n}" for n in range(1, 6)), "GIS_PARCEL_ID",
        ),
    ),
    fixed={"state": "TX", "county": "Dallas"},
)  # fmt: skip

COURT_CASES = layout(
    "court_cases",
    "Probate court case list",
    [["Decedent Last Name", "Petitioner Last Name", "Personal Representative Last Name"]],
    table(
        {
            "Case Number": "case_number", "Case Type": "case_kind", "Date Filed": "probate_filed_on",
            "Decedent Last Name": "decedent_last_name", "First Name": "decedent_first_name",
            "Date of Death": "decedent_died_on", "Petitioner Last Name": "petitioner_last_name",
            "Petitioner First Name": "petitioner_first_name", "Petitioner Street Address": "petitioner_address",
            "Attorney Last Name": "attorney_last_name", "Attorney First Name": "attorney_first_name",
            "Respondent Last Name": "ward_last_name", "Respondent First Name": "ward_first_name",
            "Personal Representative Last Name": "personal_representative_last_name",
            "Personal Representative First Name": "personal_representative_first_name",
            "Personal Representative Street Address": "personal_representative_address",
        },
        extra=(
            "Case Title", "Case Location", "Case Status", "Petitioner Middle Initial", "Attorney Middle Initial",
            "Middle Initial", "Date of Birth", "Respondent Middle Inital", "Respondent Middle Initial",
            "Respondent Date of Birth", "Personal Representative Middle Initial",
        ),
    ),
)  # fmt: skip
"""First and middle name without a role are the decedent's."""

CALIFORNIA = layout(
    "california_petitions",
    "California probate petitions (DE-111)",
    [["iaea_requested", "decedent_residence"]],
    table(
        {
            "case_number": "case_number", "filed": "probate_filed_on", "petitioner": "petitioner_name",
            "petitioner_first": "petitioner_first_name", "petitioner_last": "petitioner_last_name",
            "mailing_address": "petitioner_street", "city": "petitioner_city", "state": "petitioner_state",
            "zip": "petitioner_zip", "petitioner_phone": "petitioner_phone", "petitioner_email": "petitioner_email",
            "decedent": "decedent_name", "decedent_first": "decedent_first_name",
            "decedent_last": "decedent_last_name", "decedent_residence": "address",
            "decedent_died": "decedent_died_on", "estate_real": "estate_real", "attorney": "attorney_name",
            "attorney_phone": "attorney_phone", "parties": "heirs",
        },
        extra=(
            "caption", "death_place", "estate_personal", "hearing", "will_offered", "iaea_requested", "newspaper",
            "publication_address", "notice_url",
        ),
    ),
    fixed={"case_kind": "Estate"},
)  # fmt: skip
"""The residence of the decedent is the property; the newspaper's address and the attorney's number are nobody's."""

TEXAS_PROBATE = layout(
    "texas_probate",
    "Texas county probate sheet",
    [["Decedent First Name", "Decedent Last Name", "Executor Name"]],
    table(
        {
            "Decedent First Name": "decedent_first_name", "Decedent Last Name": "decedent_last_name",
            "Property Address": "street", "City": "city", "State": "state", "Zip Code": "zip", "County": "county",
            "Case Number": "case_number", "Case Type": "case_kind", "Filing Date": "probate_filed_on",
            "Executor Name": "personal_representative_name", "Executor Address": "personal_representative_address",
        },
        extra=("Date Pulled",),
    ),
    fixed={"state": "TX"},
)  # fmt: skip
